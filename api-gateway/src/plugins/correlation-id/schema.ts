import { z } from 'zod';
import { headerName } from '../api/schema-fields.ts';
import { isSettableHeader } from '../transform/settable-header.ts';

export const schema = z.strictObject({
  header_name: headerName
    .refine(isSettableHeader, 'cannot be a header about the connection, the length or the host')
    .prefault('Kong-Request-ID')
    .describe('X-Request-Id always carries Plaza’s own id'),
  generator: z.enum(['uuid', 'uuid#counter', 'tracker']).default('uuid#counter'),
  echo_downstream: z.boolean().default(false).describe('Whether the response carries the id as well'),
});

export type CorrelationIdConfig = z.output<typeof schema>;

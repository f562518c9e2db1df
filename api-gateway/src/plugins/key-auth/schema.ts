import { z } from 'zod';
import { headerName, fixedValue, realm } from '../api/schema-fields.ts';

export const schema = z.strictObject({
  key_names: z
    .array(headerName)
    .min(1)
    .prefault(['apikey'])
    .describe('Names that may carry the key, in this order'),
  key_in_header: z.boolean().default(true),
  key_in_query: z.boolean().default(true),
  key_in_body: fixedValue(
    false,
    'must be false: keys are read from headers and the query, because bodies are not parsed',
  ),
  hide_credentials: z
    .boolean()
    .default(false)
    .describe('Whether the key is removed from the upstream request'),
  anonymous: z
    .string()
    .optional()
    .describe('Username or id of the consumer for requests without a valid key'),
  run_on_preflight: z.boolean().default(true),
  realm,
});

export type KeyAuthConfig = z.output<typeof schema>;

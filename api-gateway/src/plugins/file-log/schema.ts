import { z } from 'zod';
import { fixedValue } from '../api/schema-fields.ts';

export const schema = z.strictObject({
  path: z
    .string()
    .regex(/^[^*&%\\`]+$/, 'must be the name of a file')
    .describe('Receives one line of JSON for each request; may be /dev/stdout'),
  reopen: z
    .boolean()
    .default(false)
    .describe(
      'Whether each write opens the file again, for log rotation by renaming; a reload always opens it again',
    ),
  custom_fields_by_lua: fixedValue(null, 'is not supported: this gateway runs no Lua'),
});

export type FileLogConfig = z.output<typeof schema>;

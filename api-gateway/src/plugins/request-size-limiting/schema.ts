import { z } from 'zod';

export const schema = z.strictObject({
  allowed_payload_size: z.int().min(0).default(128),
  size_unit: z.enum(['megabytes', 'kilobytes', 'bytes']).default('megabytes'),
  require_content_length: z
    .boolean()
    .default(false)
    .describe('Whether a body without Content-Length gets 411'),
});

export type RequestSizeLimitingConfig = z.output<typeof schema>;

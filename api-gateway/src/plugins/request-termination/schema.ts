import { z } from 'zod';
import { rawHeaderName } from '../api/schema-fields.ts';

export const schema = z
  .strictObject({
    status_code: z.int().min(200).max(599).default(503),
    message: z.string().optional().describe('The response is {"message": …}'),
    content_type: z
      .string()
      .regex(/^[\t\x20-\x7e]+$/, 'must be what can stand in a header')
      .optional(),
    body: z.string().optional().describe('The response body, unchanged'),
    echo: z.boolean().default(false).describe('Whether the response describes the request, for debugging'),
    trigger: rawHeaderName
      .optional()
      .describe('Only requests with this header or query argument are terminated'),
  })
  .superRefine(({ message, content_type, body, echo }, context) => {
    const report = (text: string) => context.addIssue(text);
    if (message !== undefined && (content_type !== undefined || body !== undefined))
      report('message cannot be used with content_type or body');
    if (content_type !== undefined && body === undefined) report('content_type needs a body');
    if (echo && (content_type !== undefined || body !== undefined))
      report('echo cannot be used with content_type or body');
  });

export type RequestTerminationConfig = z.output<typeof schema>;

import { MalformedRequest, PayloadTooLarge } from '@plaza/service-kit';
import { sendProblem } from '../api/problem-response.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import { schema, type RequestSizeLimitingConfig } from './schema.ts';

const UNITS = { bytes: 1, kilobytes: 1_024, megabytes: 1_024 * 1_024 } as const;

const LENGTH_REQUIRED = 411;

/** Refuses bodies that are too long: by Content-Length if there is one, else once more bytes than allowed have arrived. */
export const requestSizeLimiting: PluginDefinition<RequestSizeLimitingConfig> = {
  name: 'request-size-limiting',
  priority: 951,
  schema: schema.describe(
    'Answers 413 to bodies that are too long: by Content-Length if there is one, else once more bytes than allowed have arrived.',
  ),
  create: ({ allowed_payload_size, size_unit, require_content_length }) => {
    const maxBytes = allowed_payload_size * UNITS[size_unit];
    const message = `The body is longer than ${allowed_payload_size} ${size_unit}.`;
    return {
      access: (requestContext) => {
        const { 'content-length': length, 'transfer-encoding': chunked } = requestContext.request.headers;
        if (length !== undefined && Number(length) > maxBytes) throw new PayloadTooLarge(message);
        if (chunked === undefined) return;
        if (require_content_length)
          sendProblem(
            requestContext,
            LENGTH_REQUIRED,
            new MalformedRequest('The request must have a Content-Length.'),
          );
        else requestContext.bodyLimit = { bytes: maxBytes, error: () => new PayloadTooLarge(message) };
      },
    };
  },
};

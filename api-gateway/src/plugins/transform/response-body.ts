import { BadGateway } from '../../transport/upstream.errors.ts';
import { sendProblem } from '../api/problem-response.ts';
import type { RequestContext } from '../api/request-context.ts';
import type { UpstreamResponseHead } from '../api/response.ts';
import { getResponseHeader, setResponseHeader } from '../api/response-headers.ts';
import { compileTransform, type TransformOperations, type SetOperation } from './operations.ts';
import { bufferResponse } from './buffer-response.ts';
import {
  serializeMembers,
  parseMembers,
  memberValues,
  createJsonNormalizer,
  type JsonType,
} from './json-object.ts';
import { isJsonType, CONTENT_HEADERS } from './content-headers.ts';

type ResponseBodyOptions = Readonly<Record<SetOperation, readonly JsonType[]>> & {
  readonly maxBytes: number;
};

export interface ResponseBodyTransform {
  /** Runs before the upstream request: asks for a whole, uncompressed response. */
  prepare(requestContext: RequestContext): void;
  /** Runs when the head of the upstream response has arrived. @throws {BadGateway} if its body cannot be changed. */
  onResponseHead(responseHead: UpstreamResponseHead): void;
}

const BAD_GATEWAY = 502;

/** Changes JSON objects in responses of the service or the cache; undefined if there is nothing to change. */
export function createResponseBodyTransform(
  operations: TransformOperations,
  options: ResponseBodyOptions,
): ResponseBodyTransform | undefined {
  const transform = compileTransform(operations, createJsonNormalizer(options));
  if (transform === undefined) return undefined;
  const { maxBytes } = options;
  const tooLong = () =>
    new BadGateway(`The response is longer than the ${maxBytes} bytes that can be changed.`, {
      reason: 'invalid_response',
    });

  return {
    prepare: (requestContext) => {
      const { headers, response } = requestContext;
      headers['accept-encoding'] = 'identity';
      delete headers.range;
      bufferResponse(response, {
        maxBytes,
        shouldBuffer: () =>
          requestContext.responseSource !== 'gateway' &&
          isJsonType(getResponseHeader(requestContext, 'content-type')),
        transform: (body) => {
          const members = parseObject(body);
          if (members !== undefined) transform(memberValues(members), requestContext);
          const changed = members === undefined ? body : serializeMembers(members);
          setResponseHeader(requestContext, 'Content-Length', String(changed.length));
          return changed;
        },
        onTooLong: () => {
          for (const name of requestContext.responseHeaders.names())
            response.setHeader(name, requestContext.responseHeaders.get(name) ?? '');
          sendProblem(requestContext, BAD_GATEWAY, tooLong());
        },
      });
    },
    onResponseHead: ({ headers }) => {
      if (!isJsonType(headers.get('content-type'))) return;
      if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? ''))
        throw new BadGateway('The response is compressed and cannot be changed.', {
          reason: 'invalid_response',
        });
      if (Number(headers.get('content-length') ?? 0) > maxBytes) throw tooLong();
      for (const name of CONTENT_HEADERS) headers.remove(name);
    },
  };
}

function parseObject(body: Buffer): ReturnType<typeof parseMembers> {
  try {
    return parseMembers(body.toString());
  } catch {
    return undefined;
  }
}

import { PayloadTooLarge, RequestTimeout } from '@plaza/service-kit';
import { sendContinue } from '../../transport/send-continue.ts';
import type { RequestContext } from '../api/request-context.ts';

export interface ReadBodyOptions {
  readonly maxBytes: number;
  /** Milliseconds between two chunks at most. */
  readonly idleTimeoutMs: number;
}

/**
 * Reads the whole request body; undefined if the client disconnects before its end. The body limit of another plugin
 * applies as well. @throws {PayloadTooLarge} {RequestTimeout}
 */
export async function readBody(
  requestContext: RequestContext,
  options: ReadBodyOptions,
): Promise<Buffer | undefined> {
  const { request } = requestContext;
  const limit = effectiveLimit(requestContext, options.maxBytes);
  if (Number(request.headers['content-length'] ?? 0) > limit.bytes) throw limit.error();
  sendContinue(requestContext);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = () => reject(new RequestTimeout('The request body stopped arriving.'));
  const timer = setTimeout(late, options.idleTimeoutMs);
  const take = (chunk: Buffer) => {
    timer.refresh();
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > limit.bytes) reject(limit.error());
  };
  const end = () => resolve(request.complete ? Buffer.concat(chunks, bytes) : undefined);
  request.on('data', take).once('end', end).once('close', end);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    // Discard the rest, so that the client reads the response.
    request.off('data', take).off('end', end).off('close', end).resume();
  }
}

function effectiveLimit(
  { bodyLimit }: RequestContext,
  maxBytes: number,
): NonNullable<RequestContext['bodyLimit']> {
  if (bodyLimit !== undefined && bodyLimit.bytes <= maxBytes) return bodyLimit;
  const words = `The body is longer than the ${maxBytes} bytes that can be changed.`;
  return { bytes: maxBytes, error: () => new PayloadTooLarge(words) };
}

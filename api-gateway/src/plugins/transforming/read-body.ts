import { PayloadTooLarge, RequestTimeout } from '@plaza/service-kit';
import { askForBody } from '../../upstream/ask-for-body.ts';
import type { Visit } from '../plugin.ts';

export interface Reading {
  readonly mostBytes: number;
  /** Milliseconds during which nothing may come. */
  readonly idleMs: number;
}

/**
 * All of a request's body; undefined where the client goes away before its end. What another plugin has said of
 * its length counts as well. @throws {PayloadTooLarge} {RequestTimeout}
 */
export async function readBody(visit: Visit, reading: Reading): Promise<Buffer | undefined> {
  const { request } = visit;
  const limit = limitOf(visit, reading.mostBytes);
  if (Number(request.headers['content-length'] ?? 0) > limit.bytes) throw limit.error();
  askForBody(visit);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = () => reject(new RequestTimeout('The body of the request stopped coming.'));
  const timer = setTimeout(late, reading.idleMs);
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
    // The rest is thrown away, so that the client gets to read its answer.
    request.off('data', take).off('end', end).off('close', end).resume();
  }
}

function limitOf({ bodyLimit }: Visit, mostBytes: number): NonNullable<Visit['bodyLimit']> {
  if (bodyLimit !== undefined && bodyLimit.bytes <= mostBytes) return bodyLimit;
  const words = `The body is longer than the ${mostBytes} bytes that can be changed.`;
  return { bytes: mostBytes, error: () => new PayloadTooLarge(words) };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectionNames, HOP_BY_HOP } from './hop-by-hop.ts';

/**
 * Begins to pass an answer back: status, headers, body as it comes, trailers.
 * @throws where it has a status or headers with which Node makes no answer; then nothing was passed.
 */
export function passBack(answer: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 0 } = answer;
  if (statusCode < 200) throw new RangeError(`${statusCode} is not the status of an answer`);
  passHead(answer, response, statusCode);
  answer.once('end', () => {
    if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers));
  });
  answer.pipe(response);
  // Headers wait for the first of the body, to share its packet. Where that is not there yet (events, a
  // slow download), they must not wait for it.
  setImmediate(() => {
    if (!response.writableEnded && !response.destroyed) response.flushHeaders();
  });
}

function passHead(answer: IncomingMessage, response: ServerResponse, status: number): void {
  const passed = new Set<string>();
  try {
    passHeaders(answer, response, passed);
    response.writeHead(status);
  } catch (error) {
    for (const name of passed) response.removeHeader(name);
    throw error;
  }
}

/** What the gateway answers for itself, whatever the service says. */
const OURS = new Set(['x-request-id', 'access-control-allow-origin', 'access-control-allow-credentials']);

/**
 * Copies headers, spelled and repeated as they came; hop-by-hop ones stay behind. Of a name that the gateway
 * has set already the service's value counts, but `Vary` grows by both.
 */
function passHeaders(answer: IncomingMessage, response: ServerResponse, passed: Set<string>): void {
  const named = connectionNames(answer.headers.connection);
  for (const [name, value] of pairs(answer.rawHeaders)) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || OURS.has(lower) || named.has(lower)) continue;
    if (lower === 'trailer' && !mayHaveTrailers(answer, response)) continue;
    if (lower === 'vary' || passed.has(lower)) response.appendHeader(name, value);
    else response.setHeader(name, value);
    passed.add(lower);
  }
}

/** Trailers need chunks, which need a body and HTTP/1.1. */
function mayHaveTrailers(answer: IncomingMessage, { req: request }: ServerResponse): boolean {
  const chunked = answer.headers['transfer-encoding'] !== undefined;
  const bodiless = request.method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
  return chunked && !bodiless && request.httpVersion === '1.1';
}

/** Node's flat list of names and values. */
function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) list.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return list;
}

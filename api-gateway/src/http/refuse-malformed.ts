import { MalformedRequest, MethodNotAllowed } from '@plaza/service-kit';
import type { IncomingMessage } from 'node:http';

/** Of these there is one or none. Node takes the first of several and another server might take the last. */
const SINGLE = new Set(['host', 'content-length', 'content-type', 'transfer-encoding', 'authorization']);

const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Refuses what servers along the way could read differently, before anything is made of it. What is no
 * HTTP at all (two lengths, a length beside chunks, headers without end) never becomes a request: Node's
 * parser refuses it.
 * @throws {MalformedRequest} {MethodNotAllowed}
 */
export function refuseMalformed(request: IncomingMessage): void {
  const seen = new Set<string>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]?.toLowerCase() ?? '';
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) throw new MalformedRequest(`The header ${name} came twice.`);
    seen.add(name);
  }
  const { host, 'transfer-encoding': encoding } = request.headers;
  if (host === undefined || !HOST.test(host)) throw new MalformedRequest('The header host is no host.');
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked')
    throw new MalformedRequest('Transfer-Encoding can be chunked and nothing else.');
  if (encoding !== undefined && request.httpVersion === '1.0')
    throw new MalformedRequest('HTTP/1.0 knows no Transfer-Encoding.');
  if (request.method === 'TRACE') throw new MethodNotAllowed('TRACE', METHODS);
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

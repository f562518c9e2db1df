import { HeadersTooLarge, MalformedRequest, MethodNotAllowed } from '@plaza/service-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers that may not be repeated: Node takes the first of several, another server may take the last. */
const SINGLETON_HEADERS = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'authorization',
]);

/** Beside Node's limit of 16 kB: a service may have a limit of its own, Apache's is 100. */
const MAX_HEADERS = 100;

const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Refuses requests that servers along the way could read differently (request smuggling), before any other
 * step. Invalid HTTP (two lengths, a length beside chunks, headers without end) does not get here: Node's
 * parser refuses it. The connection closes after the error.
 * @throws {MalformedRequest} {HeadersTooLarge} {MethodNotAllowed}
 */
export function validateRequest(request: IncomingMessage, response: ServerResponse): void {
  try {
    checkRequest(request);
  } catch (error) {
    // The next bytes of this connection may be the rest of the refused request.
    response.setHeader('Connection', 'close');
    throw error;
  }
}

function checkRequest(request: IncomingMessage): void {
  if (request.rawHeaders.length > 2 * MAX_HEADERS)
    throw new HeadersTooLarge(`There are more than ${MAX_HEADERS} headers.`);
  const seen = new Set<string>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]?.toLowerCase() ?? '';
    if (!SINGLETON_HEADERS.has(name)) continue;
    if (seen.has(name)) throw new MalformedRequest(`The header ${name} came twice.`);
    seen.add(name);
  }
  const { host, 'transfer-encoding': encoding } = request.headers;
  if (host === undefined || !HOST.test(host)) throw new MalformedRequest('The header host is no host.');
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked')
    throw new MalformedRequest('Transfer-Encoding can be chunked and nothing else.');
  if (encoding !== undefined && request.httpVersion === '1.0')
    throw new MalformedRequest('HTTP/1.0 knows no Transfer-Encoding.');
  if (request.method === 'TRACE') throw new MethodNotAllowed('TRACE', ALLOWED_METHODS);
}

const ALLOWED_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

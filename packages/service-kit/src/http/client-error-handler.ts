import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PlazaError } from '@plaza/errors';
import {
  HeadersTooLarge,
  MalformedRequest,
  MethodNotAllowed,
  RequestTimeout,
  UriTooLong,
} from './problem.errors.ts';
import { toErrorHeaders, PROBLEM_TYPE, createProblem, toHttpStatus } from './problem-details.ts';

/**
 * Answers what is no HTTP, has headers without end or does not arrive in time. None of it becomes a
 * request, so the answer is written to the socket itself; to a socket that has carried an answer already,
 * nothing is, since that one may not be complete.
 */
export function handleClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  const carried = 'bytesWritten' in socket && socket.bytesWritten !== 0;
  if (carried || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.end(serializeProblemResponse(toPlazaError(error)), () => socket.destroy());
}

/** Answers CONNECT, for which Node has no response and would end the connection without a word. */
export function rejectConnect(_request: IncomingMessage, socket: Duplex): void {
  const refusal = new MethodNotAllowed('CONNECT', [
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
  ]);
  socket.on('error', () => undefined).end(serializeProblemResponse(refusal), () => socket.destroy());
}

/** A request line whose address takes most of the 16 kB that all headers have. */
const LONG_ADDRESS = /^[A-Z]+ \S{8192}/;

function toPlazaError(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): PlazaError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return LONG_ADDRESS.test(error.rawPacket?.toString('latin1') ?? '')
        ? new UriTooLong('The address is longer than is read.')
        : new HeadersTooLarge('The headers and the address together are longer than 16 kB.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestTimeout('The request did not arrive in time.');
    default:
      return new MalformedRequest('This cannot be read as HTTP.');
  }
}

function serializeProblemResponse(error: PlazaError): string {
  const status = toHttpStatus(error);
  const requestId = randomUUID();
  const body = JSON.stringify(createProblem(error, { instance: '', requestId }));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    ...Object.entries(toErrorHeaders(error)).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A response may end before the request's body has arrived: an error, or the service needed no more. The rest of the
 * body is then read and dropped, so that the client reads the response; after a time the connection is closed.
 * @param milliseconds from the end of the response.
 */
export function drainRequestBody(
  request: IncomingMessage,
  response: ServerResponse,
  milliseconds: number,
): void {
  response.once('close', () => {
    if (request.complete || request.destroyed) return;
    const timer = setTimeout(() => request.destroy(), milliseconds).unref();
    request.once('close', () => clearTimeout(timer));
  });
}

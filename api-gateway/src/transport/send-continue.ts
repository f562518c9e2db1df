import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Sends 100 Continue to a client that waits for it (Expect: 100-continue); its connection is then kept alive.
 */
export function sendContinue({
  request,
  response,
}: {
  request: IncomingMessage;
  response: ServerResponse;
}): void {
  if (request.headers.expect === undefined || response.headersSent) return;
  response.removeHeader('Connection');
  response.writeContinue();
}

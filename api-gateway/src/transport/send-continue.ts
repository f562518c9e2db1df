import type { IncomingMessage, ServerResponse } from 'node:http';

/** Tells a client that waits for it (Expect: 100-continue) that its body is wanted; then its connection is kept. */
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

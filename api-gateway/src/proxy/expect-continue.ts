import type { RequestListener } from 'node:http';

/**
 * Whoever asks first whether a body is wanted (Expect: 100-continue) is told so when the service's connection
 * stands, and not at once: who is refused need not send it. Then the connection ends with the answer, since
 * nobody knows whether the body still comes.
 */
export function expectContinue(app: RequestListener): RequestListener {
  return (request, response) => {
    response.setHeader('Connection', 'close');
    app(request, response);
  };
}

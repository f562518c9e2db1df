import type { RequestListener } from 'node:http';

/**
 * A client that sends Expect: 100-continue gets 100 Continue when the connection to the instance is
 * established, not at once: if the request is refused, it need not send the body. The connection then closes
 * after the response, since the gateway cannot know whether the body still comes.
 */
export function expectContinue(app: RequestListener): RequestListener {
  return (request, response) => {
    response.setHeader('Connection', 'close');
    app(request, response);
  };
}

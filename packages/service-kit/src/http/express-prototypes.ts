import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http';

interface MessageClasses {
  readonly IncomingMessage?: typeof IncomingMessage;
  readonly ServerResponse?: typeof ServerResponse<IncomingMessage>;
}

/**
 * What a server makes requests and responses of. An Express app gives each of them its own prototype when they come,
 * and V8 then works their shape out anew, 4 µs a request; these are born with it. Nothing for another listener.
 */
export function createMessageClasses(listener: RequestListener): MessageClasses {
  if (!isExpressApp(listener)) return {};
  const Request = class extends IncomingMessage {};
  const Response = class extends ServerResponse {};
  Object.setPrototypeOf(Request.prototype, listener.request);
  Object.setPrototypeOf(Response.prototype, listener.response);
  listener.request = Request.prototype;
  listener.response = Response.prototype;
  return { IncomingMessage: Request, ServerResponse: Response };
}

interface ExpressApp extends RequestListener {
  request: object;
  response: object;
}

function isExpressApp(listener: RequestListener): listener is ExpressApp {
  return 'request' in listener && 'response' in listener;
}

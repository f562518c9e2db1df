import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { createProxyMiddleware, type RequestHandler } from 'http-proxy-middleware';
import { createExchange, type Exchange } from './exchange.ts';
import type { Forwarder, Timers } from './forwarder.ts';

/** The library's events know the request alone. A WeakMap from it would cost 26 µs a request, in the collector. */
const EXCHANGE = Symbol('exchange');

interface Forwarded extends IncomingMessage {
  [EXCHANGE]?: Exchange;
}

/**
 * A forwarder on http-proxy-middleware, of which it uses the sending alone. The plugins are ejected (they
 * cost 40 µs a request) and the answer is passed back here: the library's own way sets `Connection` from
 * the service's and knows neither trailers nor an answer whose headers come long before its body. Its
 * `timeout` and `proxyTimeout` stay unset, since what they end cannot be told from a broken connection.
 */
export function createHttpProxyForwarder(timers: Timers): Forwarder {
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };
  const proxies = { 'http:': proxyOver(agents['http:']), 'https:': proxyOver(agents['https:']) };

  return {
    forward: (request, response, target) => {
      const exchange = createExchange(request, response, target, timers);
      const forwarded: Forwarded = request;
      forwarded[EXCHANGE] = exchange;
      request.url = target.path;
      request.headers = target.headers;
      void proxies[target.origin.protocol](request, response, (error) => {
        if (error !== undefined) exchange.fail(error);
      });
      return exchange.outcome;
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** One proxy for all targets: each request's own is looked up when it is sent. */
function proxyOver(agent: http.Agent | https.Agent): RequestHandler<Forwarded> {
  return createProxyMiddleware<Forwarded>({
    agent,
    changeOrigin: true,
    ejectPlugins: true,
    selfHandleResponse: true,
    // These options are a copy for this request alone, and `buffer` is what is sent for its body.
    router: (request, _response, options) => {
      const exchange = exchangeOf(request);
      if (exchange.body !== undefined) options.buffer = exchange.body;
      return { ...exchange.target.origin, host: exchange.target.origin.hostname };
    },
    plugins: [
      (server) => {
        server.on('proxyReq', (sent, request) => request[EXCHANGE]?.sent(sent));
        server.on('proxyRes', (answer, request) => request[EXCHANGE]?.answered(answer));
        server.on('error', (error, request) => request?.[EXCHANGE]?.fail(error));
        server.on('econnreset', (_error, request) => request[EXCHANGE]?.clientGone());
      },
    ],
  });
}

function exchangeOf(request: Forwarded): Exchange {
  const exchange = request[EXCHANGE];
  if (exchange === undefined) throw new Error('A request that is forwarded has an exchange.');
  return exchange;
}

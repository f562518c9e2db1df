import type { Request, RequestHandler, Response } from 'express';
import type { AccessLogEvent, AccessLogFormatter } from '../access-log-formatter.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { currentContext, withContext } from '../correlation-context.ts';
import { requestReceived, responseSent } from '../service-kit.log-events.ts';

/** Asked by machines every few seconds: not worth a line each. "Not ready" is one of their answers. */
const QUIET = /^\/(health(\/\w+)?|metrics)$/;
const NOT_READY = 503;

/**
 * One line for a request, one for its response, and one sample in the histogram of durations. Handlers
 * add to it by `response.locals`: `route` names the route where Express knows no pattern, `log` has more
 * fields for the second line, `brokenOff` says that it was not the client who ended an unfinished answer.
 */
export function accessLog(logger: Logger, metrics: Metrics, quietPaths?: RegExp): RequestHandler {
  const info = logger.access ?? toAccessLogFormatter(logger, 'info');
  const debug = toAccessLogFormatter(logger, 'debug');
  const observe = createDurationObserver(metrics);
  return (request, response, next) => {
    const started = performance.now();
    const { method, path } = request;
    const requestFields = {
      method,
      url: request.originalUrl,
      ip: request.ip,
      userAgent: request.headers['user-agent'],
    };
    const operational = QUIET.test(path);
    const context = currentContext();
    const lines = operational || quietPaths?.test(path) === true ? debug : info;
    const log = lines(requestFields, context);
    log(requestReceived);

    // It comes once: `once` would cost a wrapper.
    response.on('close', () => {
      const duration = performance.now() - started;
      const answered =
        response.writableFinished ||
        response.statusCode === UPGRADED ||
        response.locals['brokenOff'] === true;
      const status = answered ? response.statusCode : CLIENT_CLOSED_REQUEST;
      observe(method, toRouteLabel(request, response), status)(duration / 1_000);
      const expected = status < 400 || (operational && status === NOT_READY);
      const durationMs = Math.round(duration * 10) / 10;
      const responseFields = { status, durationMs, ...response.locals['log'] };
      (expected ? log : info(requestFields, context))(responseSent, responseFields);
    });
    next();
  };
}

/** Another protocol has had the connection until now. */
const UPGRADED = 101;

/** The end of a response may come when no request's context is the current one. */
function toAccessLogFormatter(logger: Logger, level: 'info' | 'debug'): AccessLogFormatter {
  const write = (event: AccessLogEvent, fields: object) =>
    level === 'info' ? logger.info(event, fields) : logger.debug({ ...event, level }, fields);
  return (requestFields, context) => (event, responseFields) => {
    const fields = { ...requestFields, ...responseFields };
    if (context === undefined) write(event, fields);
    else withContext(context, () => write(event, fields));
  };
}

/** What takes the seconds of a request, by the request's method, its route and its status. */
function createDurationObserver({ requestDuration }: Metrics) {
  const observers = new Map<string, Map<string, Map<number, (seconds: number) => void>>>();
  return (method: string, route: string, status: number) => {
    const observe = observers.get(route)?.get(method)?.get(status);
    if (observe !== undefined) return observe;
    const observer = requestDuration.bind({ method, route, status_code: status });
    const ofRoute = observers.get(route) ?? new Map<string, Map<number, (seconds: number) => void>>();
    const ofMethod = ofRoute.get(method) ?? new Map<number, (seconds: number) => void>();
    observers.set(route, ofRoute.set(method, ofMethod.set(status, observer)));
    return observer;
  };
}

/** nginx's status for a client that went away before the answer. */
const CLIENT_CLOSED_REQUEST = 499;

/** The pattern that matched, never the path: ids in labels would make a series of each request. */
function toRouteLabel(request: Request, response: Response): string {
  const named: unknown = response.locals['route'];
  if (typeof named === 'string') return named;
  const route: unknown = request.route;
  const matched = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return typeof matched === 'string' ? matched : 'unmatched';
}

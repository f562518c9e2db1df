import { Unauthorized, Forbidden } from '@plaza/errors';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Authenticator } from '../auth/authenticator.ts';
import { ANONYMOUS, type Caller } from '../auth/caller.ts';
import { currentContext } from '../correlation-context.ts';
import { setErrorFormat } from './error-format.ts';
import { sendEvents, type ServerSentEvent, type StreamReply } from './event-stream.ts';
import { jsonBody } from './body-reader.ts';
import { InternalError, MethodNotAllowed } from './problem.errors.ts';
import type { JsonReply, RouteReply, HttpRoute, SerializedReply } from './route.ts';

export interface MountRoutesOptions {
  readonly routes: readonly HttpRoute[];
  /** Needed where a route's `auth` is not `none`. */
  readonly authenticate?: Authenticator | undefined;
  /** Whether answers are held against their schemas: on wherever it is not production. */
  readonly validateResponses: boolean;
  /** Milliseconds between the comments that keep a stream of events open. */
  readonly heartbeatMs?: number | undefined;
}

/** All routes on one router; a path that exists for other methods answers 405 with Allow. */
export function mountRoutes({ routes, ...options }: MountRoutesOptions): Router {
  const router = Router();
  for (const [path, group] of Map.groupBy(routes, (route) => route.path)) {
    const mounted = router.route(path);
    if (group.some(({ errorFormat }) => errorFormat !== undefined)) mounted.all(selectErrorFormat(group));
    for (const route of group) {
      const { read } = route.bodyReader ?? jsonBody;
      const handlers = [...('body' in route.input ? [read] : []), createRouteHandler(route, options)];
      mounted[route.method](...handlers);
    }
    mounted.all(methodNotAllowed(group));
  }
  return router;
}

/** Of the route itself, or of the path's first where the method is none of theirs. */
function selectErrorFormat(group: readonly HttpRoute[]): RequestHandler {
  return (request, response, next) => {
    const route = group.find(({ method }) => method === request.method.toLowerCase()) ?? group[0];
    if (route?.errorFormat !== undefined) setErrorFormat(response, route.errorFormat);
    next();
  };
}

function createRouteHandler(
  route: HttpRoute,
  { authenticate, validateResponses, heartbeatMs }: Omit<MountRoutesOptions, 'routes'>,
): RequestHandler {
  return async (request, response) => {
    const caller = await authenticateCaller(route, request, authenticate);
    const reply = await route.run(request, caller);
    const checked = validateResponses ? validateResponse(route, reply) : reply;
    if ('stream' in checked) await sendEvents(response, checked, heartbeatMs);
    else sendReply(response, checked);
  };
}

async function authenticateCaller(
  route: HttpRoute,
  request: Request,
  authenticate: Authenticator | undefined,
): Promise<Caller> {
  if (route.auth === 'none') return ANONYMOUS;
  const caller = await (route.authenticate?.(request) ?? authenticate?.(request.get('authorization')));
  if (caller === undefined) throw new Forbidden('This service checks no tokens.');
  if (caller.kind === 'anonymous' && route.auth === 'required') {
    throw new Unauthorized('Sign in: send an access token as "Authorization: Bearer …".');
  }
  const context = currentContext();
  if (context !== undefined && caller.kind === 'user') context.userId = caller.userId;
  return caller;
}

function sendReply(response: Response, reply: JsonReply | SerializedReply): void {
  response.status(reply.status).set(reply.headers ?? {});
  if ('content' in reply) response.type(reply.contentType).send(reply.content);
  else if (reply.body === undefined) response.end();
  else response.json(reply.body);
}

const JSON_TYPE = 'application/json';

/** An answer that its own documentation does not allow is a defect, found where it is cheap. */
function validateResponse(route: HttpRoute, reply: RouteReply): RouteReply {
  const documented = route.responses[reply.status];
  const name = `${route.method.toUpperCase()} ${route.path}`;
  if (documented === undefined)
    throw new InternalError(`${name} answers ${reply.status}, which its documentation does not know.`);
  const streams = documented !== null && 'eventStream' in documented;
  if (streams !== 'stream' in reply)
    throw new InternalError(`${name} and its documentation differ in whether it streams.`);
  const schema = streams ? documented.eventStream : documented;
  const check = (value: unknown) => {
    const parsed = schema?.safeParse(value);
    if (parsed?.success === false)
      throw new InternalError(`${name} answers what its schema does not allow: ${parsed.error.message}`);
  };
  if ('stream' in reply) return { ...reply, stream: (gone) => validateEvents(reply.stream(gone), check) };
  if (!('content' in reply)) check(reply.body);
  else if (reply.contentType === JSON_TYPE && reply.headers?.['Content-Encoding'] === undefined)
    check(JSON.parse(reply.content.toString()));
  return reply;
}

async function* validateEvents(
  events: ReturnType<StreamReply['stream']>,
  check: (data: unknown) => void,
): AsyncIterable<ServerSentEvent> {
  for await (const event of events) {
    check(event.data);
    yield event;
  }
}

function methodNotAllowed(group: readonly HttpRoute[]): RequestHandler {
  const methods = group.map((route) => route.method.toUpperCase());
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
  return (request, response, next) => {
    if (request.method === 'OPTIONS') response.set('Allow', allow.join(', ')).status(204).end();
    else next(new MethodNotAllowed(request.method, allow));
  };
}

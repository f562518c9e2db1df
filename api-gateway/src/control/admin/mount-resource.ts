import type { RequestHandler, Router } from 'express';
import { errorResponse, type AdminResponse } from './responses.ts';

type ResourceMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface AdminResource {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<ResourceMethod, RequestHandler>>>;
  /** Set for Kong's entities that are read-only here. */
  readonly entityKind?: string;
}

/** Mounts the methods of a path. Other methods get the response of a Kong without a database. */
export function mountResource(router: Router, { path, methods, entityKind }: AdminResource): void {
  const allow = Object.keys(methods)
    .flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .concat('OPTIONS')
    .join(', ');
  const route = router.route(path);
  const { get, post, put, patch, delete: remove } = methods;
  if (get !== undefined) route.get(get);
  if (post !== undefined) route.post(post);
  if (put !== undefined) route.put(put);
  if (patch !== undefined) route.patch(patch);
  if (remove !== undefined) route.delete(remove);
  route.all((request, response) => {
    response.set('Allow', allow);
    if (request.method === 'OPTIONS') response.status(204).end();
    else {
      const { status, body } = methodNotAllowedResponse(request.method, entityKind);
      response.status(status).json(body);
    }
  });
}

/** Kong's message, and the alternative. */
function methodNotAllowedResponse(method: string, entityKind: string | undefined): AdminResponse {
  const verb = VERBS.get(method);
  if (verb === undefined || entityKind === undefined)
    return errorResponse(405, { message: 'Method not allowed' });
  const message = `cannot ${verb} '${entityKind}' entities when not using a database: change the file, or POST /config`;
  return errorResponse(405, { message, name: 'operation unsupported', code: 12 });
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['PUT', 'create or update'],
  ['PATCH', 'update'],
  ['DELETE', 'remove'],
]);

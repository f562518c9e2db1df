import type { RequestHandler, Router } from 'express';
import { refuse, type Reply } from './reply.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface Resource {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, RequestHandler>>>;
  /** Of Kong's entities, which can be read here and not be written. */
  readonly entities?: string;
}

/** Answers a path: by its methods, and any other as Kong does that has no database. */
export function serve(router: Router, { path, methods, entities }: Resource): void {
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
      const { status, body } = refusalOf(request.method, entities);
      response.status(status).json(body);
    }
  });
}

/** Kong's words, and what to do instead. */
function refusalOf(method: string, entities: string | undefined): Reply {
  const verb = VERBS.get(method);
  if (verb === undefined || entities === undefined) return refuse(405, { message: 'Method not allowed' });
  const message = `cannot ${verb} '${entities}' entities when not using a database: change the file, or POST /config`;
  return refuse(405, { message, name: 'operation unsupported', code: 12 });
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['PUT', 'create or update'],
  ['PATCH', 'update'],
  ['DELETE', 'remove'],
]);

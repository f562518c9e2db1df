import { Router } from 'express';
import { stringify } from 'yaml';
import { hashOf } from '../../declaration/declaration-file.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import { configIn, readConfigBody } from './config-body.ts';
import { answering, ok, refuse, type Reply } from './reply.ts';
import { serve } from './resource.ts';
import { consumerView, pluginView, routeView, serviceView, upstreamView, type ViewContext } from './views.ts';

/** The file in force: to be read, secrets as references; and to be replaced by another, as a whole or not at all. */
export function configRouter(keeper: Keeper, context: () => ViewContext): Router {
  const router = Router();
  const show = answering(() => ok({ config: stringify(keeper.read().document) }));
  const take = answering(async (request) => {
    const text = configIn(request);
    if (text === undefined)
      return refuse(400, { message: "expected a declarative configuration, or 'config' with one" });
    if (request.query['check_hash'] === '1' && hashOf(text) === keeper.read().hash) return { status: 304 };
    const { shared, mistakes } = await keeper.post(text);
    if (mistakes !== undefined) return declined(mistakes);
    return { status: 201, body: { ...inForce(keeper, context()), shared } };
  });
  router.post('/config', readConfigBody);
  serve(router, { path: '/config', methods: { get: show, post: take } });
  return router;
}

function inForce(keeper: Keeper, context: ViewContext) {
  const { declaration, hash } = keeper.read();
  const { services, routes, consumers, plugins } = declaration;
  return {
    services: services.map((service) => serviceView(service, context)),
    routes: routes.map((route) => routeView(route, context)),
    upstreams: keeper.upstreams().map((upstream) => upstreamView(upstream, context)),
    plugins: plugins.map((entry) => pluginView(entry, declaration, context)),
    consumers: consumers.map((consumer) => consumerView(consumer, context)),
    configuration_hash: hash,
  };
}

/** Kong's number for a declarative configuration that is not valid is 14. */
function declined(mistakes: readonly string[]): Reply {
  const places = Map.groupBy(mistakes, (mistake) => mistake.split(': ', 1)[0] ?? mistake);
  const fields = Object.fromEntries(
    [...places].map(([place, all]) => [place, all.map((mistake) => mistake.slice(place.length + 2))]),
  );
  const message = `declarative config is invalid: ${mistakes.join('; ')}`;
  return refuse(400, { message, name: 'invalid declarative configuration', code: 14, fields });
}

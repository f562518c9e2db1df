import { Router } from 'express';
import { stringify } from 'yaml';
import { hashOf } from '../../declaration/declaration-file.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import { configIn, readConfigBody } from './config-body.ts';
import { answering, ok, type KongError } from './reply.ts';
import { consumerView, routeView, serviceView, upstreamView, type ViewContext } from './views.ts';

/** The file in force: to be read, secrets as references; and to be replaced by another, as a whole or not at all. */
export function configRouter(keeper: Keeper, context: () => ViewContext): Router {
  const router = Router();
  router.get(
    '/config',
    answering(() => ok({ config: stringify(keeper.read().document) })),
  );
  router.post(
    '/config',
    readConfigBody,
    answering(async (request) => {
      const text = configIn(request);
      if (text === undefined)
        return {
          status: 400,
          body: { message: "expected a declarative configuration, or 'config' with one" },
        };
      if (request.query['check_hash'] === '1' && hashOf(text) === keeper.read().hash) return { status: 304 };
      const { mistakes } = await keeper.post(text);
      if (mistakes !== undefined) return { status: 400, body: declined(mistakes) };
      const { services, routes, consumers } = keeper.read().declaration;
      return {
        status: 201,
        body: {
          services: services.map((service) => serviceView(service, context())),
          routes: routes.map((route) => routeView(route, context())),
          upstreams: keeper.upstreams().map((upstream) => upstreamView(upstream, context())),
          consumers: consumers.map((consumer) => consumerView(consumer, context())),
          configuration_hash: keeper.read().hash,
        },
      };
    }),
  );
  return router;
}

/** Kong's number for a declarative configuration that is not valid is 14. */
function declined(mistakes: readonly string[]): KongError {
  const fields = Object.groupBy(mistakes, (mistake) => mistake.split(': ', 1)[0] ?? mistake);
  return {
    message: `declarative config is invalid: ${mistakes.join('; ')}`,
    name: 'invalid declarative configuration',
    code: 14,
    fields,
  };
}

import { Router } from 'express';
import type { Declaration } from '../../declaration/declaration.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import { answering, list, notFound, ok, type Reply } from './reply.ts';
import { consumerView, pluginView, routeView, serviceView, type ViewContext } from './views.ts';

/** Finds one of a kind by its name or its id. */
export function byNameOrId<Entity extends { readonly id: string; readonly name: string }>(
  entities: readonly Entity[],
  key: string | undefined,
): Entity | undefined {
  return entities.find(({ name }) => name === key) ?? entities.find(({ id }) => id === key);
}

const one = (parameter: string | string[] | undefined) => parameter?.toString();

const found = (view: unknown): Reply => (view === undefined ? notFound : ok(view));

/** Services, routes and consumers, to be read: they are changed in the file. */
export function entityRouter(keeper: Keeper, context: () => ViewContext): Router {
  const router = Router();
  const declaration = (): Declaration => keeper.read().declaration;
  const serviceNamed = (key: string | undefined) => byNameOrId(declaration().services, key);
  const routeNamed = (key: string | undefined) => byNameOrId(declaration().routes, key);

  router.get(
    '/services',
    answering(() => list(declaration().services.map((service) => serviceView(service, context())))),
  );
  router.get(
    '/services/:service',
    answering(({ params }) => {
      const service = serviceNamed(one(params['service']));
      return found(service && serviceView(service, context()));
    }),
  );
  router.get(
    '/services/:service/routes',
    answering(({ params }) => {
      const service = serviceNamed(one(params['service']));
      if (service === undefined) return notFound;
      const routes = declaration().routes.filter((route) => route.service === service);
      return list(routes.map((route) => routeView(route, context())));
    }),
  );
  router.get(
    '/routes',
    answering(() => list(declaration().routes.map((route) => routeView(route, context())))),
  );
  router.get(
    '/routes/:route',
    answering(({ params }) => {
      const route = routeNamed(one(params['route']));
      return found(route && routeView(route, context()));
    }),
  );
  router.get(
    '/routes/:route/service',
    answering(({ params }) => {
      const service = routeNamed(one(params['route']))?.service;
      return found(service && serviceView(service, context()));
    }),
  );
  router.get(
    '/consumers',
    answering(() => list(declaration().consumers.map((consumer) => consumerView(consumer, context())))),
  );
  router.get(
    '/consumers/:consumer',
    answering(({ params }) => {
      const consumer = declaration().consumers.find(({ id, username, customId }) =>
        [username, customId, id].includes(one(params['consumer'])),
      );
      return found(consumer && consumerView(consumer, context()));
    }),
  );
  return router;
}

/** The plugins that are at work, and those that are there. */
export function pluginRouter(keeper: Keeper, names: readonly string[], context: () => ViewContext): Router {
  const router = Router();
  const views = () => {
    const { declaration } = keeper.read();
    return declaration.plugins.map((entry) => pluginView(entry, declaration, context()));
  };
  router.get(
    '/plugins',
    answering(() => list(views())),
  );
  router.get(
    '/plugins/enabled',
    answering(() => ok({ enabled_plugins: names.toSorted() })),
  );
  router.get(
    '/plugins/:plugin',
    answering(({ params }) =>
      found(
        views().find(({ id, instance_name: name }) => [id, name].includes(one(params['plugin']) ?? null)),
      ),
    ),
  );
  return router;
}

import { Router } from 'express';
import type { Consumer, Declaration, PluginEntry, Route, Service } from '../../declaration/declaration.ts';
import { byNameOrId, serveCollection, type Collection } from './collection.ts';
import { answering, found, ok, param } from './reply.ts';
import { serve } from './resource.ts';
import { consumerView, pluginView, routeView, serviceView, type ViewContext } from './views.ts';

export interface EntityRouterOptions {
  readonly declaration: () => Declaration;
  /** Names of the plugins that there are. */
  readonly plugins: readonly string[];
  readonly context: () => ViewContext;
}

/** Services, routes, consumers and plugins, to be read: they are changed in the file. */
export function entityRouter(options: EntityRouterOptions): Router {
  const router = Router();
  servePlugins(router, options);
  serveServices(router, options);
  serveRoutes(router, options);
  serveConsumers(router, options);
  serveNeverAny(router);
  return router;
}

type All<Entity extends { id: string; tags: ReadonlySet<string> }> = Collection<Entity>['all'];
const named = ({ name }: { readonly name: string }) => name;
const username = (consumer: Consumer) => consumer.username;

function serveServices(router: Router, { declaration, context }: EntityRouterOptions): void {
  const view = (service: Service) => serviceView(service, context());
  const all = () => declaration().services;
  serveCollection(router, { path: '/services', entities: 'services', all, nameOf: named, view });
  serve(router, {
    path: '/routes/:route/service',
    entities: 'services',
    methods: {
      get: answering((request) => {
        const owner = byNameOrId(declaration().routes, named, param(request, 'route'))?.service;
        return found(owner && view(owner));
      }),
    },
  });
}

function serveRoutes(router: Router, { declaration, context }: EntityRouterOptions): void {
  const view = (route: Route) => routeView(route, context());
  const at = (path: string, all: All<Route>) =>
    serveCollection(router, { path, entities: 'routes', all, nameOf: named, view });
  at('/routes', () => declaration().routes);
  at('/services/:service/routes', (request) => {
    const { services, routes } = declaration();
    const owner = byNameOrId(services, named, param(request, 'service'));
    return owner && routes.filter(({ service }) => service === owner);
  });
}

function serveConsumers(router: Router, { declaration, context }: EntityRouterOptions): void {
  const view = (consumer: Consumer) => consumerView(consumer, context());
  const all: All<Consumer> = ({ query: { custom_id: wanted } }) =>
    declaration().consumers.filter(({ customId }) => wanted === undefined || customId === wanted);
  serveCollection(router, { path: '/consumers', entities: 'consumers', all, nameOf: username, view });
}

/** The plugins that are at work, everywhere or for one entity, and those that are there. */
function servePlugins(router: Router, { declaration, plugins, context }: EntityRouterOptions): void {
  const view = (entry: PluginEntry) => pluginView(entry, declaration(), context());
  const nameOf = ({ instanceName }: PluginEntry) => instanceName;
  const at = (path: string, all: All<PluginEntry>) =>
    serveCollection(router, { path, entities: 'plugins', all, nameOf, view });
  const of = (owner: string | undefined, kind: 'service' | 'route' | 'consumer') =>
    owner === undefined ? undefined : declaration().plugins.filter((entry) => entry[kind] === owner);

  serve(router, {
    path: '/plugins/enabled',
    methods: { get: answering(() => ok({ enabled_plugins: plugins.toSorted() })) },
  });
  at('/plugins', () => declaration().plugins);
  at('/services/:service/plugins', (request) =>
    of(byNameOrId(declaration().services, named, param(request, 'service'))?.name, 'service'),
  );
  at('/routes/:route/plugins', (request) =>
    of(byNameOrId(declaration().routes, named, param(request, 'route'))?.name, 'route'),
  );
  at('/consumers/:consumer/plugins', (request) =>
    of(byNameOrId(declaration().consumers, username, param(request, 'consumer'))?.username, 'consumer'),
  );
}

/** Kong's entities that a file cannot have here: tools ask for them, and read that there are none. */
function serveNeverAny(router: Router): void {
  const kinds = ['certificates', 'snis', 'ca_certificates', 'vaults', 'keys', 'key-sets', 'consumer_groups'];
  for (const kind of kinds)
    serveCollection(router, {
      path: `/${kind}`,
      entities: kind.replace('-', '_'),
      all: () => [],
      nameOf: () => undefined,
      view: () => undefined,
    });
}

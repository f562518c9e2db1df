import { Router } from 'express';
import type {
  ConsumerEntity,
  DeclarativeConfig,
  PluginEntity,
  RouteEntity,
  ServiceEntity,
} from '../../kong-config/model/entities.ts';
import { findByNameOrId, mountEntityCollection, type EntityCollection } from './entity-collection.ts';
import { respondWith, okOrNotFound, ok, pathParam } from './responses.ts';
import { mountResource } from './mount-resource.ts';
import {
  serializeConsumer,
  serializePlugin,
  serializeRoute,
  serializeService,
  type SerializerContext,
} from './serializers.ts';

export interface EntityRouterOptions {
  readonly config: () => DeclarativeConfig;
  /** Names of the available plugins. */
  readonly plugins: readonly string[];
  readonly context: () => SerializerContext;
}

/** Routes that read services, routes, consumers and plugins. Only the file changes them. */
export function entityRouter(options: EntityRouterOptions): Router {
  const router = Router();
  mountPlugins(router, options);
  mountServices(router, options);
  mountRoutes(router, options);
  mountConsumers(router, options);
  mountUnsupportedEntities(router);
  return router;
}

type ListEntities<Entity extends { id: string; tags: ReadonlySet<string> }> =
  EntityCollection<Entity>['list'];
const entityName = ({ name }: { readonly name: string }) => name;
const username = (consumer: ConsumerEntity) => consumer.username;

function mountServices(router: Router, { config, context }: EntityRouterOptions): void {
  const serialize = (service: ServiceEntity) => serializeService(service, context());
  const list = () => config().services;
  mountEntityCollection(router, {
    path: '/services',
    entities: 'services',
    list,
    nameOf: entityName,
    serialize,
  });
  mountResource(router, {
    path: '/routes/:route/service',
    entityKind: 'services',
    methods: {
      get: respondWith((request) => {
        const owner = findByNameOrId(config().routes, entityName, pathParam(request, 'route'))?.service;
        return okOrNotFound(owner && serialize(owner));
      }),
    },
  });
}

function mountRoutes(router: Router, { config, context }: EntityRouterOptions): void {
  const serialize = (route: RouteEntity) => serializeRoute(route, context());
  const at = (path: string, list: ListEntities<RouteEntity>) =>
    mountEntityCollection(router, {
      path,
      entities: 'routes',
      list,
      nameOf: entityName,
      serialize,
    });
  at('/routes', () => config().routes);
  at('/services/:service/routes', (request) => {
    const { services, routes } = config();
    const owner = findByNameOrId(services, entityName, pathParam(request, 'service'));
    return owner && routes.filter(({ service }) => service === owner);
  });
}

function mountConsumers(router: Router, { config, context }: EntityRouterOptions): void {
  const serialize = (consumer: ConsumerEntity) => serializeConsumer(consumer, context());
  const list: ListEntities<ConsumerEntity> = ({ query: { custom_id: wanted } }) =>
    config().consumers.filter(({ customId }) => wanted === undefined || customId === wanted);
  mountEntityCollection(router, {
    path: '/consumers',
    entities: 'consumers',
    list,
    nameOf: username,
    serialize,
  });
}

/** The active plugins, global or of one entity, and the available plugins. */
function mountPlugins(router: Router, { config, plugins, context }: EntityRouterOptions): void {
  const serialize = (entry: PluginEntity) => serializePlugin(entry, config(), context());
  const nameOf = ({ instanceName }: PluginEntity) => instanceName;
  const at = (path: string, list: ListEntities<PluginEntity>) =>
    mountEntityCollection(router, { path, entities: 'plugins', list, nameOf, serialize });
  const of = (owner: string | undefined, kind: 'service' | 'route' | 'consumer') =>
    owner === undefined ? undefined : config().plugins.filter((entry) => entry[kind] === owner);

  mountResource(router, {
    path: '/plugins/enabled',
    methods: { get: respondWith(() => ok({ enabled_plugins: plugins.toSorted() })) },
  });
  at('/plugins', () => config().plugins);
  at('/services/:service/plugins', (request) =>
    of(findByNameOrId(config().services, entityName, pathParam(request, 'service'))?.name, 'service'),
  );
  at('/routes/:route/plugins', (request) =>
    of(findByNameOrId(config().routes, entityName, pathParam(request, 'route'))?.name, 'route'),
  );
  at('/consumers/:consumer/plugins', (request) =>
    of(findByNameOrId(config().consumers, username, pathParam(request, 'consumer'))?.username, 'consumer'),
  );
}

/** Kong's entities that this gateway does not support. Tools list them and get an empty list. */
function mountUnsupportedEntities(router: Router): void {
  const kinds = ['certificates', 'snis', 'ca_certificates', 'vaults', 'keys', 'key-sets', 'consumer_groups'];
  for (const kind of kinds)
    mountEntityCollection(router, {
      path: `/${kind}`,
      entities: kind.replace('-', '_'),
      list: () => [],
      nameOf: () => undefined,
      serialize: () => undefined,
    });
}

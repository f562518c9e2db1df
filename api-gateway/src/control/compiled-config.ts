import type { DeclarativeConfig, RouteEntity, UpstreamEntity } from '../kong-config/model/entities.ts';
import type { PluginDefinition } from '../plugins/api/plugin.ts';
import { createRouter } from '../router/router.ts';
import type { Upstream } from '../balancer/upstream.ts';
import type { ProxyConfig } from '../proxy/proxy-handler.ts';
import { createPluginChain, type PluginChain, type ScopedPlugin } from '../proxy/plugin-chain.ts';
import {
  closePluginInstances,
  createPluginInstances,
  type PluginInstances,
  type PluginDependencies,
} from './plugin-instances.ts';
import { appliesToRoute, mostSpecificEntry } from './plugin-precedence.ts';

/** A declarative configuration, compiled once for all requests: the router, plugin instances, and upstreams by route. */
export interface CompiledConfig extends ProxyConfig {
  readonly config: DeclarativeConfig;
  /** Looks the routes' upstreams up anew. Not called after the configuration was replaced: its requests keep their upstreams. */
  bindUpstreams(): void;
  /** Closes the plugin instances. Never rejects. */
  close(): Promise<void>;
}

/** What a configuration is compiled with. It outlives the configuration. */
export interface ConfigDependencies extends PluginDependencies {
  /** Applies the overrides that were set at run time. */
  readonly withOverrides: (declared: readonly UpstreamEntity[]) => readonly UpstreamEntity[];
}

/** @throws what a plugin throws that cannot be created. */
export function compileConfig(config: DeclarativeConfig, dependencies: ConfigDependencies): CompiledConfig {
  const { logger, upstreams } = dependencies;
  const router = createRouter(config);
  const instances = createPluginInstances(config, dependencies);
  const routes = compileRoutes(config, instances, dependencies);
  return {
    config,
    router,
    routes,
    bindUpstreams: () => {
      for (const [{ service }, route] of routes)
        route.upstream = service && upstreams.resolve(service.address);
    },
    close: () => closePluginInstances(instances, logger),
  };
}

function compileRoutes(
  config: DeclarativeConfig,
  instances: PluginInstances,
  { kinds, logger }: ConfigDependencies,
): ReadonlyMap<RouteEntity, { chain: PluginChain; upstream: Upstream | undefined }> {
  const byPriority = kinds.toSorted((one, other) => other.priority - one.priority);
  const lastCounting = byPriority.findLastIndex(({ countsAuthErrors }) => countsAuthErrors === true);
  const pluginsFor = (route: RouteEntity) =>
    byPriority.flatMap((kind, index) =>
      toScopedPlugins(kind, route, config, instances).map((plugin) => ({
        ...plugin,
        runsOnAuthError: index <= lastCounting,
      })),
    );
  return new Map(
    config.routes.map((route) => [
      route,
      { chain: createPluginChain(pluginsFor(route), logger), upstream: undefined },
    ]),
  );
}

/** Empty if no entry of the plugin applies to the route. */
function toScopedPlugins(
  { name }: PluginDefinition,
  route: RouteEntity,
  { consumers }: DeclarativeConfig,
  instances: PluginInstances,
): Omit<ScopedPlugin, 'runsOnAuthError'>[] {
  const entries = [...instances.keys()].filter(
    (entry) => entry.name === name && appliesToRoute(entry, route),
  );
  if (entries.length === 0) return [];
  const named = new Set(entries.flatMap(({ consumer }) => consumer ?? []));
  const byConsumer = consumers
    .filter(({ username }) => named.has(username))
    .flatMap((consumer) => {
      const entry = mostSpecificEntry(entries, consumer);
      const instance = entry && instances.get(entry);
      return instance === undefined ? [] : [[consumer.username, instance] as const];
    });
  const defaultEntry = mostSpecificEntry(entries, undefined);
  return [
    {
      name,
      defaultInstance: defaultEntry && instances.get(defaultEntry),
      byConsumer: byConsumer.length === 0 ? undefined : new Map(byConsumer),
    },
  ];
}

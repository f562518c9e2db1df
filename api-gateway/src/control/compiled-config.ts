import type {
  DeclarativeConfig,
  RouteEntity,
  ServiceEntity,
  UpstreamEntity,
} from '../kong-config/model/entities.ts';
import type { PluginDefinition } from '../plugins/api/plugin.ts';
import { createRouter, type Router } from '../router/router.ts';
import type { Upstream } from '../balancer/upstream.ts';
import { createPluginChain, type PluginChain, type ScopedPlugin } from '../proxy/plugin-chain.ts';
import {
  closePluginInstances,
  createPluginInstances,
  type PluginInstances,
  type PluginDependencies,
} from './plugin-instances.ts';
import { appliesToRoute, mostSpecificEntry } from './plugin-precedence.ts';

/** A declarative configuration at work: compiled once, read by every request. */
export interface CompiledConfig {
  readonly config: DeclarativeConfig;
  readonly router: Router;
  chainFor(route: RouteEntity): PluginChain;
  upstreamFor(service: ServiceEntity): Upstream;
  /** Another comes: whoever is under way keeps the upstreams that are there now. */
  pinUpstreams(): void;
  /** Closes its plugins. Never rejects. */
  close(): Promise<void>;
}

/** What outlives a configuration. */
export interface ConfigDependencies extends PluginDependencies {
  /** The upstreams of a configuration, with what was set of them since. */
  readonly withOverrides: (declared: readonly UpstreamEntity[]) => readonly UpstreamEntity[];
}

/** @throws what a plugin throws that cannot be made. */
export function compileConfig(config: DeclarativeConfig, dependencies: ConfigDependencies): CompiledConfig {
  const { logger, upstreams } = dependencies;
  const router = createRouter(config);
  const instances = createPluginInstances(config, dependencies);
  const chains = createPluginChains(config, instances, dependencies);
  let pinned: ReadonlyMap<ServiceEntity, Upstream> | undefined;
  return {
    config,
    router,
    chainFor: (route) => getOrThrow(chains, route),
    upstreamFor: (service) => pinned?.get(service) ?? upstreams.resolve(service.address),
    pinUpstreams: () => {
      pinned = new Map(config.services.map((service) => [service, upstreams.resolve(service.address)]));
    },
    close: () => closePluginInstances(instances, logger),
  };
}

function createPluginChains(
  config: DeclarativeConfig,
  instances: PluginInstances,
  { kinds, logger }: ConfigDependencies,
): ReadonlyMap<RouteEntity, PluginChain> {
  const byPriority = kinds.toSorted((one, other) => other.priority - one.priority);
  const lastCounting = byPriority.findLastIndex(({ countsAuthErrors }) => countsAuthErrors === true);
  const pluginsFor = (route: RouteEntity) =>
    byPriority.flatMap((kind, index) =>
      toScopedPlugins(kind, route, config, instances).map((plugin) => ({
        ...plugin,
        runsOnAuthError: index <= lastCounting,
      })),
    );
  return new Map(config.routes.map((route) => [route, createPluginChain(pluginsFor(route), logger)]));
}

function getOrThrow<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error('A request stays with the configuration that it was routed by.');
  return value;
}

/** None where no entry of the plugin is for this route. */
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

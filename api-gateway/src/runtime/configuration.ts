import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { createConsumerIndex, type ConsumerIndex } from '../declaration/consumer-index.ts';
import type {
  Declaration,
  PluginEntry,
  Route,
  Service,
  Upstream as DeclaredUpstream,
} from '../declaration/declaration.ts';
import type { PluginContext, PluginInstance, PluginKind } from '../plugins/plugin.ts';
import { createRouter, type Router } from '../routing/router.ts';
import { locator } from '../upstream/locator.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { createChain, type Chain, type Slot } from './chain.ts';
import { concerns, mostSpecific } from './precedence.ts';
import type { SharedState } from './shared-state.ts';

/** A declaration at work: compiled once, read by every request. */
export interface Configuration {
  readonly declaration: Declaration;
  readonly router: Router;
  chainOf(route: Route): Chain;
  upstreamOf(service: Service): Upstream;
  /** Closes its plugins. Never rejects. */
  close(): Promise<void>;
}

/** What outlives a configuration. */
export interface Surroundings {
  readonly kinds: readonly PluginKind[];
  readonly upstreams: Upstreams;
  /** The upstreams of a declaration, with what was set of them since. */
  readonly inForce: (declared: readonly DeclaredUpstream[]) => readonly DeclaredUpstream[];
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly redis: Redis | undefined;
  /** A token of the gateway's own. */
  readonly serviceToken: () => Promise<string>;
  readonly clientIdleMs: number;
  readonly shared: SharedState;
}

/** @throws what a plugin throws that cannot be made. */
export function compile(declaration: Declaration, surroundings: Surroundings): Configuration {
  const { kinds, logger, upstreams } = surroundings;
  const instances = instancesOf(
    declaration.plugins,
    createConsumerIndex(declaration.consumers),
    surroundings,
  );
  const byPriority = kinds.toSorted((one, other) => other.priority - one.priority);
  const chains = new Map(
    declaration.routes.map((route) => [
      route,
      createChain(
        byPriority.flatMap((kind) => slotOf(kind, route, declaration, instances)),
        logger,
      ),
    ]),
  );

  return {
    declaration,
    router: createRouter(declaration),
    chainOf: (route) => known(chains, route),
    upstreamOf: ({ address }) => upstreams.at(address),
    close: async () => {
      for (const [{ name }, instance] of instances) {
        try {
          await instance.close?.();
        } catch (error) {
          logger.error('a plugin failed to close', { plugin: name, error });
        }
      }
    },
  };
}

function known<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error('A request stays with the configuration that it was routed by.');
  return value;
}

function instancesOf(
  entries: readonly PluginEntry[],
  consumers: ConsumerIndex,
  surroundings: Surroundings,
): ReadonlyMap<PluginEntry, PluginInstance> {
  const kinds = new Map(surroundings.kinds.map((kind) => [kind.name, kind]));
  const enabled = entries.flatMap((entry) => {
    const kind = kinds.get(entry.name);
    return kind === undefined || !entry.enabled ? [] : [{ entry, kind }];
  });
  const secretNames = new Set(
    enabled
      .flatMap(({ entry, kind }) => kind.secretNames?.(entry.config) ?? [])
      .map((name) => name.toLowerCase()),
  );
  return new Map(
    enabled.map(({ entry, kind }) => [
      entry,
      kind.create(entry.config, { ...contextOf(entry, consumers, surroundings), secretNames }),
    ]),
  );
}

function contextOf(
  entry: PluginEntry,
  consumers: ConsumerIndex,
  { logger, metrics, redis, serviceToken, clientIdleMs, shared, upstreams }: Surroundings,
): Omit<PluginContext, 'secretNames'> {
  const { name, service, route, consumer } = entry;
  const scope = [
    ...(service === undefined ? [] : [`service:${service}`]),
    ...(route === undefined ? [] : [`route:${route}`]),
    ...(consumer === undefined ? [] : [`consumer:${consumer}`]),
  ];
  return {
    name: [name, ...(scope.length === 0 ? ['global'] : scope)].join('/'),
    scope: { service, route, consumer },
    logger,
    metrics,
    redis,
    consumers,
    locate: (url) => locator(url, upstreams),
    serviceToken,
    clientIdleMs,
    now: Date.now,
    shared: (key, make) => shared.of(`${name} ${key}`, make),
  };
}

/** None where no entry of the plugin is for this route. */
function slotOf(
  { name, priority }: PluginKind,
  route: Route,
  { consumers }: Declaration,
  instances: ReadonlyMap<PluginEntry, PluginInstance>,
): Slot[] {
  const entries = [...instances.keys()].filter((entry) => entry.name === name && concerns(entry, route));
  if (entries.length === 0) return [];
  const named = new Set(entries.flatMap(({ consumer }) => consumer ?? []));
  const byConsumer = consumers
    .filter(({ username }) => named.has(username))
    .flatMap((consumer) => {
      const entry = mostSpecific(entries, consumer);
      const instance = entry && instances.get(entry);
      return instance === undefined ? [] : [[consumer.username, instance] as const];
    });
  const general = mostSpecific(entries, undefined);
  return [
    {
      name,
      priority,
      general: general && instances.get(general),
      byConsumer: byConsumer.length === 0 ? undefined : new Map(byConsumer),
    },
  ];
}

import type {
  Declaration,
  Route,
  Service,
  Upstream as DeclaredUpstream,
} from '../declaration/declaration.ts';
import type { PluginKind } from '../plugins/plugin.ts';
import { createRouter, type Router } from '../routing/router.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { createChain, type Chain, type Slot } from './chain.ts';
import {
  closePlugins,
  openPlugins,
  type PluginInstances,
  type PluginSurroundings,
} from './plugin-instances.ts';
import { concerns, mostSpecific } from './precedence.ts';

/** A declaration at work: compiled once, read by every request. */
export interface Configuration {
  readonly declaration: Declaration;
  readonly router: Router;
  chainOf(route: Route): Chain;
  upstreamOf(service: Service): Upstream;
  /** Another comes: whoever is under way keeps the upstreams that are there now. */
  keepUpstreams(): void;
  /** Closes its plugins. Never rejects. */
  close(): Promise<void>;
}

/** What outlives a configuration. */
export interface Surroundings extends PluginSurroundings {
  /** The upstreams of a declaration, with what was set of them since. */
  readonly inForce: (declared: readonly DeclaredUpstream[]) => readonly DeclaredUpstream[];
}

/** @throws what a plugin throws that cannot be made. */
export function compile(declaration: Declaration, surroundings: Surroundings): Configuration {
  const { logger, upstreams } = surroundings;
  const router = createRouter(declaration);
  const instances = openPlugins(declaration, surroundings);
  const chains = chainsOf(declaration, instances, surroundings);
  let kept: ReadonlyMap<Service, Upstream> | undefined;
  return {
    declaration,
    router,
    chainOf: (route) => known(chains, route),
    upstreamOf: (service) => kept?.get(service) ?? upstreams.at(service.address),
    keepUpstreams: () => {
      kept = new Map(declaration.services.map((service) => [service, upstreams.at(service.address)]));
    },
    close: () => closePlugins(instances, logger),
  };
}

function chainsOf(
  declaration: Declaration,
  instances: PluginInstances,
  { kinds, logger }: Surroundings,
): ReadonlyMap<Route, Chain> {
  const byPriority = kinds.toSorted((one, other) => other.priority - one.priority);
  const slotsOf = (route: Route) => byPriority.flatMap((kind) => slotOf(kind, route, declaration, instances));
  return new Map(declaration.routes.map((route) => [route, createChain(slotsOf(route), logger)]));
}

function known<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error('A request stays with the configuration that it was routed by.');
  return value;
}

/** None where no entry of the plugin is for this route. */
function slotOf(
  { name, priority }: PluginKind,
  route: Route,
  { consumers }: Declaration,
  instances: PluginInstances,
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

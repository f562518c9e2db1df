import { type ServiceWatch } from '@plaza/discovery';
import { Gauge } from 'prom-client';
import type { ServiceAddress } from '../kong-config/model/service-address.ts';
import type { UpstreamEntity } from '../kong-config/model/entities.ts';
import { entityId } from '../kong-config/model/entity-id.ts';
import { awaitInitialDiscovery, registryNames } from './initial-discovery.ts';
import {
  createUpstreamFactory,
  type ManagedUpstream,
  type UpstreamFactoryOptions,
} from './upstream-factory.ts';
import {
  registryEndpoints,
  singleEndpoint,
  targetEndpoints,
  type EndpointSource,
} from './endpoint-discovery.ts';
import { type Upstream } from './upstream.ts';

export interface UpstreamRegistryOptions extends UpstreamFactoryOptions {
  /** Watches a name in the registry. */
  readonly watch: (name: string) => ServiceWatch;
}

/** All upstreams in use, by name. */
export interface UpstreamRegistry {
  /**
   * The upstream of an address: the declared upstream of that name; for a host without a port, the instances
   * that the registry lists under it; otherwise the address itself.
   */
  resolve(address: ServiceAddress): Upstream;
  get(name: string): Upstream | undefined;
  /**
   * Applies the upstreams of a new configuration. An upstream that has not changed keeps the state of its
   * endpoints; requests in progress keep their upstream.
   */
  configure(declared: readonly UpstreamEntity[]): void;
  /** Removes implicit upstreams of other addresses than these. */
  prune(addresses: readonly ServiceAddress[]): void;
  /**
   * Watches the names of these upstreams and addresses, and resolves once the registry has answered for all of
   * them, or after a second. Without this wait, the first request to a new upstream would get 503 no_instance.
   */
  awaitDiscovery(declared: readonly UpstreamEntity[], addresses: readonly ServiceAddress[]): Promise<void>;
  close(): void;
}

/**
 * The upstream of a name that the configuration does not declare: all instances that the registry lists under
 * it.
 */
export const implicitUpstream = (name: string): UpstreamEntity => ({
  id: entityId('upstream', name, undefined),
  name,
  algorithm: 'round-robin',
  hashOn: 'none',
  hashOnName: undefined,
  hashOnCookiePath: '/',
  hashFallback: 'none',
  hashFallbackName: undefined,
  hostHeader: undefined,
  targets: [],
  healthchecks: { threshold: 0, active: undefined, passive: undefined },
  concurrency: undefined,
  tags: new Set(),
});

interface RegisteredUpstream extends ManagedUpstream {
  readonly declared: UpstreamEntity | undefined;
}

export function createUpstreamRegistry(options: UpstreamRegistryOptions): UpstreamRegistry {
  const createManagedUpstream = createUpstreamFactory(options);
  const entries = new Map<string, RegisteredUpstream>();
  const watchedNames = new Set<string>();
  options.metrics.registerMetric(instancesGauge(entries));

  function watch(name: string): ServiceWatch {
    watchedNames.add(name);
    return options.watch(name);
  }

  function getOrCreate(
    name: string,
    declared: UpstreamEntity | undefined,
    createSource: () => EndpointSource,
  ): Upstream {
    const known = entries.get(name);
    if (known !== undefined && fingerprint(known.declared) === fingerprint(declared)) {
      for (const { target, weight } of declared?.targets ?? []) known.upstream.setWeight(target, weight);
      entries.set(name, { ...known, declared });
      return known.upstream;
    }
    known?.close();
    const created = createManagedUpstream(declared ?? implicitUpstream(name), createSource());
    entries.set(name, { declared, ...created });
    return created.upstream;
  }

  return {
    resolve: (address) => {
      const { host } = address;
      const declared = entries.get(host);
      if (declared?.declared !== undefined) return declared.upstream;
      const name = upstreamName(address);
      const known = entries.get(name);
      if (known !== undefined) return known.upstream;
      return getOrCreate(name, undefined, () =>
        address.port === undefined ? registryEndpoints(watch(name)) : singleEndpoint(name),
      );
    },
    get: (name) => entries.get(name)?.upstream,
    configure: (declared) => {
      const names = new Set(declared.map(({ name }) => name));
      for (const [name, { declared: before, close }] of entries) {
        if (before === undefined || names.has(name)) continue;
        close();
        entries.delete(name);
      }
      for (const upstream of declared)
        getOrCreate(upstream.name, upstream, () => endpointSourceFor(upstream, watch));
    },
    prune: (addresses) => {
      const names = new Set(addresses.map(upstreamName));
      for (const [name, { declared, close }] of entries) {
        if (declared !== undefined || names.has(name)) continue;
        close();
        entries.delete(name);
      }
    },
    awaitDiscovery: (declared, addresses) => {
      for (const name of registryNames(declared, addresses)) watchedNames.add(name);
      return awaitInitialDiscovery([...watchedNames].map(options.watch));
    },
    close: () => {
      for (const { close } of entries.values()) close();
    },
  };
}

/** The name of an implicit upstream: its name in the registry, or its address. */
const upstreamName = ({ protocol, host, port }: ServiceAddress) =>
  port === undefined ? host : `${protocol}//${host}:${port}`;

/** Collected when metrics are scraped. */
function instancesGauge(entries: ReadonlyMap<string, RegisteredUpstream>): Gauge<'upstream' | 'health'> {
  return new Gauge({
    name: 'gateway_upstream_instances',
    help: 'Who may be asked for an upstream, by how they are',
    labelNames: ['upstream', 'health'],
    registers: [],
    collect() {
      this.reset();
      for (const [
        upstream,
        {
          upstream: { health: healthOf },
        },
      ] of entries)
        for (const { health } of healthOf()) this.inc({ upstream, health });
    },
  });
}

function endpointSourceFor(
  { name, targets }: UpstreamEntity,
  watch: UpstreamRegistryOptions['watch'],
): EndpointSource {
  return targets.length === 0 ? registryEndpoints(watch(name)) : targetEndpoints(targets, () => watch(name));
}

/** Differs if an upstream has to be created anew; weights can change in place. */
function fingerprint(declared: UpstreamEntity | undefined): string {
  const targets = declared?.targets.map(({ target }) => target);
  return JSON.stringify({ ...declared, targets, tags: [] }, (_key, value: unknown) =>
    value instanceof Set || value instanceof Map ? [...value] : value,
  );
}

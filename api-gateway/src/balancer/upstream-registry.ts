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
  /** Follows a name of the registry. */
  readonly watch: (name: string) => ServiceWatch;
}

/** The upstreams in force, by their names. */
export interface UpstreamRegistry {
  /**
   * Who answers at an address: a declared upstream of that name; for a host without a port the instances that
   * the registry knows by it; else that one address.
   */
  resolve(address: ServiceAddress): Upstream;
  get(name: string): Upstream | undefined;
  /**
   * Takes the upstreams of a new configuration. What is known of instances stays where nothing about their
   * upstream has changed; requests under way keep whom they have.
   */
  configure(declared: readonly UpstreamEntity[]): void;
  /** Forgets who was asked at other addresses than these; who is asked again is made anew. */
  prune(addresses: readonly ServiceAddress[]): void;
  /**
   * Follows whoever the registry will be asked for by these upstreams and addresses, and resolves once it has answered
   * for all names, or after a second: who is asked for the first time must not be thought to be nowhere.
   */
  awaitDiscovery(declared: readonly UpstreamEntity[], addresses: readonly ServiceAddress[]): Promise<void>;
  close(): void;
}

/** An upstream that nobody has declared: all that the registry knows under the name. */
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

/** Of an upstream that nobody has declared: what the registry knows it by, or its address. */
const upstreamName = ({ protocol, host, port }: ServiceAddress) =>
  port === undefined ? host : `${protocol}//${host}:${port}`;

/** Counted when metrics are asked for. */
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

/** All that makes an upstream what it is, but for the weights, which can be set. */
function fingerprint(declared: UpstreamEntity | undefined): string {
  const targets = declared?.targets.map(({ target }) => target);
  return JSON.stringify({ ...declared, targets, tags: [] }, (_key, value: unknown) =>
    value instanceof Set || value instanceof Map ? [...value] : value,
  );
}

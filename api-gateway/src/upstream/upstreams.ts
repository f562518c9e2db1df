import { type Watch } from '@plaza/discovery';
import { Gauge } from 'prom-client';
import type { Address } from '../declaration/address.ts';
import type { Upstream as Declared } from '../declaration/declaration.ts';
import { entityId } from '../declaration/entity-id.ts';
import { acquainted, namesOf } from './acquaintance.ts';
import { upstreamMaker, type Made, type MakerOptions } from './upstream-maker.ts';
import { registered, single, targeted, type Membership } from './membership.ts';
import { type Upstream } from './upstream.ts';

export interface UpstreamsOptions extends MakerOptions {
  /** Follows a name of the registry. */
  readonly watch: (name: string) => Watch;
}

/** The upstreams in force, by their names. */
export interface Upstreams {
  /**
   * Who answers at an address: a declared upstream of that name; for a host without a port the instances that
   * the registry knows by it; else that one address.
   */
  at(address: Address): Upstream;
  named(name: string): Upstream | undefined;
  /**
   * Takes the upstreams of a new configuration. What is known of instances stays where nothing about their
   * upstream has changed; requests under way keep whom they have.
   */
  configure(declared: readonly Declared[]): void;
  /** Forgets who was asked at other addresses than these; who is asked again is made anew. */
  retain(addresses: readonly Address[]): void;
  /**
   * Follows whoever the registry will be asked for by these upstreams and addresses, and resolves once it has answered
   * for all names, or after a second: who is asked for the first time must not be thought to be nowhere.
   */
  acquainted(declared: readonly Declared[], addresses: readonly Address[]): Promise<void>;
  close(): void;
}

/** An upstream that nobody has declared: all that the registry knows under the name. */
export const undeclared = (name: string): Declared => ({
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

interface Held extends Made {
  readonly declared: Declared | undefined;
}

export function createUpstreams(options: UpstreamsOptions): Upstreams {
  const make = upstreamMaker(options);
  const held = new Map<string, Held>();
  const followed = new Set<string>();
  options.metrics.registerMetric(instancesGauge(held));

  function watch(name: string): Watch {
    followed.add(name);
    return options.watch(name);
  }

  function hold(name: string, declared: Declared | undefined, membership: () => Membership): Upstream {
    const known = held.get(name);
    if (known !== undefined && shapeOf(known.declared) === shapeOf(declared)) {
      for (const { target, weight } of declared?.targets ?? []) known.upstream.setWeight(target, weight);
      held.set(name, { ...known, declared });
      return known.upstream;
    }
    known?.close();
    const made = make(declared ?? undeclared(name), membership());
    held.set(name, { declared, ...made });
    return made.upstream;
  }

  return {
    at: (address) => {
      const { host } = address;
      const declared = held.get(host);
      if (declared?.declared !== undefined) return declared.upstream;
      const name = nameOf(address);
      const known = held.get(name);
      if (known !== undefined) return known.upstream;
      return hold(name, undefined, () =>
        address.port === undefined ? registered(watch(name)) : single(name),
      );
    },
    named: (name) => held.get(name)?.upstream,
    configure: (declared) => {
      const names = new Set(declared.map(({ name }) => name));
      for (const [name, { declared: before, close }] of held) {
        if (before === undefined || names.has(name)) continue;
        close();
        held.delete(name);
      }
      for (const upstream of declared) hold(upstream.name, upstream, () => membershipOf(upstream, watch));
    },
    retain: (addresses) => {
      const names = new Set(addresses.map(nameOf));
      for (const [name, { declared, close }] of held) {
        if (declared !== undefined || names.has(name)) continue;
        close();
        held.delete(name);
      }
    },
    acquainted: (declared, addresses) => {
      for (const name of namesOf(declared, addresses)) followed.add(name);
      return acquainted([...followed].map(options.watch));
    },
    close: () => {
      for (const { close } of held.values()) close();
    },
  };
}

/** Of an upstream that nobody has declared: what the registry knows it by, or its address. */
const nameOf = ({ protocol, host, port }: Address) =>
  port === undefined ? host : `${protocol}//${host}:${port}`;

/** Counted when metrics are asked for. */
function instancesGauge(held: ReadonlyMap<string, Held>): Gauge<'upstream' | 'health'> {
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
      ] of held)
        for (const { health } of healthOf()) this.inc({ upstream, health });
    },
  });
}

function membershipOf({ name, targets }: Declared, watch: UpstreamsOptions['watch']): Membership {
  return targets.length === 0 ? registered(watch(name)) : targeted(targets, () => watch(name));
}

/** All that makes an upstream what it is, but for the weights, which can be set. */
function shapeOf(declared: Declared | undefined): string {
  const targets = declared?.targets.map(({ target }) => target);
  return JSON.stringify({ ...declared, targets, tags: [] }, (_key, value: unknown) =>
    value instanceof Set || value instanceof Map ? [...value] : value,
  );
}

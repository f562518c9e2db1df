import { Redis } from 'ioredis';
import { createInstanceStore } from '../src/data/instance.store.ts';
import {
  allInstances,
  applied,
  NO_CATALOGUE,
  transitions,
  type Catalogue,
  type Transition,
} from '../src/domain/catalogue.ts';
import type { Declaration, Instance } from '../src/domain/instance.ts';

const START = 1_800_000_000_000;
const LEASE_MS = 3_000;
const GAP_MS = 6_000;
export const HOLD_MS = 15_000;
export const TTL_MS = 15_000;

/** A store whose clock a test turns. */
export function createTestStore(url: string, mostInstances = 2_000) {
  const redis = new Redis(url);
  let now = START;
  const store = createInstanceStore({ redis, mostInstances, now: () => now });
  const sweep = (owner = 'replica-1') =>
    store.sweep({ owner, leaseMs: LEASE_MS, gapMs: GAP_MS, holdMs: HOLD_MS });

  const catalogue = async (): Promise<Catalogue> =>
    applied(NO_CATALOGUE, await store.changesSince(NO_CATALOGUE));
  const instances = async (): Promise<Instance[]> => allInstances(await catalogue());

  return {
    ...store,
    redis,
    sweep,
    catalogue,
    instances,
    now: () => now,
    /** Time in which nobody sweeps. */
    skip: (ms: number) => {
      now += ms;
    },
    /** Time passes with a sweeper at work, and `each` second something happens. */
    async pass(ms: number, each: () => Promise<unknown> = async () => undefined) {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + 1_000);
        await each();
        await sweep();
      }
    },
    /** An empty store whose sweeper is at work. */
    async empty() {
      await redis.flushdb();
      now = START;
      await sweep();
    },
    async ids() {
      return (await instances()).map(({ instanceId }) => instanceId);
    },
    /** What a reader sees change while something is done. */
    async during(doing: () => Promise<unknown>): Promise<Transition[]> {
      const before = await catalogue();
      await doing();
      const delta = await store.changesSince(before);
      return transitions(before, applied(before, delta), delta);
    },
  };
}

/** As the courses' registrations have one. */
export const HEALTH = {
  id: 'health',
  name: 'Health',
  kind: 'http',
  initial: 'passing',
  url: 'http://127.0.0.1:9/health',
} as const;

export function declared(instanceId: string, more: Partial<Declaration> = {}): Declaration {
  return {
    service: 'users',
    instanceId,
    url: `http://${instanceId}:3001`,
    version: '1.0.0',
    weight: 1,
    tags: [],
    metadata: {},
    protocol: 'plaza',
    details: {},
    checks: [],
    ...more,
  };
}

import { Redis } from 'ioredis';
import { createInstanceStore } from '../src/data/instance.store.ts';
import {
  allInstances,
  applyDelta,
  EMPTY_CATALOG,
  instanceChanges,
  type Catalog,
  type InstanceChange,
} from '../src/domain/catalog.ts';
import type { InstanceDefinition, Instance } from '../src/domain/instance.ts';

const START = 1_800_000_000_000;
const LEASE_MS = 3_000;
const OUTAGE_THRESHOLD_MS = 6_000;
export const GRACE_PERIOD_MS = 15_000;
export const TTL_MS = 15_000;

/** A store with a fake clock. */
export function createTestStore(url: string, maxInstances = 2_000) {
  const redis = new Redis(url);
  let now = START;
  const store = createInstanceStore({ redis, maxInstances, now: () => now });
  const runExpiration = (owner = 'replica-1') =>
    store.expire({
      owner,
      leaseMs: LEASE_MS,
      outageThresholdMs: OUTAGE_THRESHOLD_MS,
      gracePeriodMs: GRACE_PERIOD_MS,
    });

  const catalog = async (): Promise<Catalog> =>
    applyDelta(EMPTY_CATALOG, await store.changesSince(EMPTY_CATALOG));
  const instances = async (): Promise<Instance[]> => allInstances(await catalog());

  return {
    ...store,
    redis,
    runExpiration,
    catalog,
    instances,
    now: () => now,
    /** Advances the clock without expiration. */
    skip: (ms: number) => {
      now += ms;
    },
    /** Advances the clock with expiration, and calls `each` every second. */
    async pass(ms: number, each: () => Promise<unknown> = async () => undefined) {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + 1_000);
        await each();
        await runExpiration();
      }
    },
    /** Empties the store, with expiration running. */
    async empty() {
      await redis.flushdb();
      now = START;
      await runExpiration();
    },
    async ids() {
      return (await instances()).map(({ instanceId }) => instanceId);
    },
    /** The changes that a reader sees while `work` runs. */
    async during(doing: () => Promise<unknown>): Promise<InstanceChange[]> {
      const before = await catalog();
      await doing();
      const delta = await store.changesSince(before);
      return instanceChanges(before, applyDelta(before, delta), delta);
    },
  };
}

/** The lease of the courses' registrations. */
export const HEALTH_CHECK = {
  id: 'health',
  name: 'Health',
  kind: 'http',
  initial: 'passing',
  url: 'http://127.0.0.1:9/health',
} as const;

export function createDefinition(
  instanceId: string,
  more: Partial<InstanceDefinition> = {},
): InstanceDefinition {
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

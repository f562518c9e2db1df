import type { Redis } from 'ioredis';
import type { Catalogue, Delta } from '../domain/catalogue.ts';
import { LEAST_SILENT, MOST_GUARDED_MS, MOST_SILENT_SHARE, type Guard } from '../domain/guard.ts';
import { addressId, MOST_DECLARED } from '../domain/instance.ts';
import type { InstanceStore, Selector } from '../domain/registrations.service.ts';
import type { LastHeartbeat } from '../domain/vitals.ts';
import { checksText, declarationStart, declarationText } from './instance.record.ts';
import { changes, delta, outcome, swept } from './instance.replies.ts';
import { defineScripts } from './scripts/commands.ts';
import { LOG, META, OBSERVED, OVERDUE } from './scripts/keys.ts';
import { lastHeartbeatFrom, observedIn } from './vitals.record.ts';

/** What a sweep did, who went, whose checks were late, and whether the guard began or ended with it. */
export interface Swept {
  readonly kind: 'other' | 'held' | 'guarded' | 'swept';
  readonly guard: Guard;
  readonly turned?: 'began' | 'ended';
  readonly members: readonly string[];
  readonly late: readonly string[];
}

export interface SweepTerms {
  /** Who sweeps; for `leaseMs` nobody else does. */
  readonly owner: string;
  readonly leaseMs: number;
  /** After a pause of this many milliseconds in all sweeping, everybody gets `holdMs` to renew. */
  readonly gapMs: number;
  /** So does everybody once the guard has ended because enough renew again. */
  readonly holdMs: number;
}

export interface RedisInstanceStore extends InstanceStore {
  /** What changed since a catalogue was read; everything where that is of another epoch. */
  changesSince(catalogue: Pick<Catalogue, 'epoch' | 'index'>): Promise<Delta & { readonly guard: Guard }>;
  /** Removes at most 100 whose lease has ended, unless the guard is on. */
  sweep(terms: SweepTerms): Promise<Swept>;
}

export interface StoreOptions {
  readonly redis: Redis;
  readonly mostInstances: number;
  /** Milliseconds since 1970. Default: Redis' own clock, which is the same for all replicas. */
  readonly now?: (() => number) | undefined;
}

const BATCH = 100;
const MOST_OUTPUT = 1_024;

/** Keeps instances in Redis. Rejects with ioredis' errors while that is away. */
export function createInstanceStore({ redis, mostInstances, now }: StoreOptions): RedisInstanceStore {
  defineScripts(redis);
  const clock = () => String(now?.() ?? '');

  async function lastHeartbeats(): Promise<LastHeartbeat> {
    const [overdue, pause] = await Promise.all([
      redis.zrange(OVERDUE, 0, '-1', 'WITHSCORES'),
      redis.hmget(META, 'resumedAt', 'gap'),
    ]);
    return lastHeartbeatFrom(overdue, pause);
  }

  return {
    upsert: async ({ declaration, state, ttlMs = 0, incarnation = '' }) => {
      const { service, instanceId } = declaration;
      const [checks, text] = [checksText(declaration), declarationText(declaration)];
      if (checks.length + text.length > MOST_DECLARED) return { kind: 'long' };
      return outcome(
        await redis.registryUpsert(
          META,
          clock(),
          service,
          instanceId,
          state,
          ttlMs,
          incarnation,
          checks,
          text,
          mostInstances,
        ),
      );
    },
    renew: async (selector, state) =>
      outcome(await redis.registryRenew(META, clock(), ...selected(selector), state ?? '')),
    remove: async (selector) => outcome(await redis.registryRemove(META, clock(), ...selected(selector))),
    report: async ({ kind, checkId, of, incarnation = '', status, seen }) => {
      const observation = { ...seen, output: seen.output.slice(0, MOST_OUTPUT) };
      return outcome(
        await redis.registryReport(
          META,
          clock(),
          kind,
          checkId,
          of?.service ?? '',
          of?.instanceId ?? '',
          incarnation,
          status,
          observation.output,
          JSON.stringify(observation),
        ),
      );
    },
    override: async (selector, override) =>
      outcome(
        await redis.registryOverride(
          META,
          clock(),
          ...selected(selector),
          override?.state ?? '',
          override?.reason ?? '',
          override?.label ?? '',
        ),
      ),
    lastHeartbeats,
    vitals: async () => {
      const [lastHeartbeat, observed] = await Promise.all([lastHeartbeats(), redis.hgetall(OBSERVED)]);
      return { lastHeartbeat, observed: observedIn(observed) };
    },
    recentChanges: async (most) => changes.parse(await redis.lrange(LOG, 0, most - 1)),
    changesSince: async ({ epoch, index }) =>
      delta.parse(await redis.registryChangesSince(META, clock(), epoch, index)),
    sweep: async ({ owner, leaseMs, gapMs, holdMs }) =>
      swept.parse(
        await redis.registrySweep(
          META,
          clock(),
          owner,
          leaseMs,
          gapMs,
          holdMs,
          BATCH,
          LEAST_SILENT,
          MOST_SILENT_SHARE,
          MOST_GUARDED_MS,
        ),
      ),
  };
}

function selected({ service, instanceId = '', url, incarnation }: Selector) {
  const [start, guess] = url === undefined ? ['', ''] : [declarationStart(url), addressId(url)];
  return [service, instanceId, start, guess, incarnation ?? ''] as const;
}

import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';
import { isRedisOutage } from '@plaza/service-kit/redis';
import type { ExpirationResult } from './expiration.ts';
import type { RedisInstanceStore } from './instance.store.ts';
import {
  checkExpired,
  instanceExpirationFailed,
  instanceExpired,
  selfPreservationEnded,
  selfPreservationStarted,
} from '../domain/registry.log-events.ts';

export interface ExpirationJobOptions {
  readonly store: Pick<RedisInstanceStore, 'expire'>;
  readonly logger: Logger;
  /** Names this replica. */
  readonly owner: string;
  readonly intervalMs: number;
  /** Milliseconds that everybody gets to renew after a gap between two runs, and once self-preservation has ended. */
  readonly gracePeriodMs: number;
  /** Hears of each instance that was taken out. */
  readonly onExpired: () => void;
}

export interface ExpirationJob extends Component {
  /** Whether this replica is the one that expires instances. */
  isLeader(): boolean;
}

const LEASE_MS = 3_000;
/** Longer than another replica takes to notice that the leader died. */
const OUTAGE_THRESHOLD_MS = 2 * LEASE_MS;

/** Takes out whoever's lease has ended; one replica at a time, another within seconds of its end. */
export function createExpirationJob({
  store,
  logger,
  owner,
  intervalMs,
  gracePeriodMs,
  onExpired,
}: ExpirationJobOptions): ExpirationJob {
  const closed = new AbortController();
  let running: Promise<void> | undefined;
  let leaderUntil = 0;

  async function expireAll(): Promise<void> {
    for (;;) {
      const startedAt = performance.now();
      const result = await store.expire({
        owner,
        leaseMs: LEASE_MS,
        outageThresholdMs: OUTAGE_THRESHOLD_MS,
        gracePeriodMs,
      });
      leaderUntil = result.kind === 'other' ? 0 : startedAt + LEASE_MS;
      logResult(result);
      if (result.expiredInstances.length + result.lateChecks.length === 0) return;
    }
  }

  function logResult({
    expiredInstances,
    lateChecks,
    selfPreservationChange,
    selfPreservation,
  }: ExpirationResult): void {
    for (const instance of expiredInstances) {
      logger.warn(instanceExpired, { instance });
      onExpired();
    }
    for (const check of lateChecks) logger.warn(checkExpired, { check });
    if (selfPreservationChange === 'began') logger.error(selfPreservationStarted, { ...selfPreservation });
    if (selfPreservationChange === 'ended') logger.info(selfPreservationEnded, { ...selfPreservation });
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      await expireAll().catch((error: unknown) => {
        // Redis being away is logged once where the connection is; this goes on when it is back.
        if (!isRedisOutage(error)) logger.error(instanceExpirationFailed, { error });
      });
      await wait(intervalMs, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  return {
    name: 'sweeper',
    isLeader: () => performance.now() < leaderUntil,
    onReady: async () => {
      running = run();
    },
    close: async () => {
      closed.abort();
      await running;
    },
  };
}

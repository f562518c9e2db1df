import { startPeriodicJob, type PeriodicJob } from '@plaza/concurrency';
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
  /** Identifies this replica. */
  readonly owner: string;
  readonly intervalMs: number;
  /** The grace period in milliseconds after a gap between two runs, and after the end of self-preservation. */
  readonly gracePeriodMs: number;
  /** Called for each removed instance. */
  readonly onExpired: () => void;
}

export interface ExpirationJob extends Component {
  /** Whether this replica runs the expiration. */
  isLeader(): boolean;
}

const LEASE_MS = 3_000;
/** Longer than another replica needs to notice that the leader has died. */
const OUTAGE_THRESHOLD_MS = 2 * LEASE_MS;

/**
 * Removes instances whose lease has ended. One replica does so at a time; another takes over within seconds after
 * that one has died.
 */
export function createExpirationJob({
  store,
  logger,
  owner,
  intervalMs,
  gracePeriodMs,
  onExpired,
}: ExpirationJobOptions): ExpirationJob {
  let job: PeriodicJob | undefined;
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

  function onError(error: unknown): void {
    // The connection logs once that Redis is away; expiration resumes after its return.
    if (!isRedisOutage(error)) logger.error(instanceExpirationFailed, { error });
  }

  return {
    name: 'sweeper',
    isLeader: () => performance.now() < leaderUntil,
    onReady: async () => {
      job = startPeriodicJob({ run: expireAll, intervalMs, firstRun: 'at-once', onError });
    },
    close: async () => job?.stop(),
  };
}

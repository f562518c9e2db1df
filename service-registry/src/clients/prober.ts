import { startPeriodicJob, type PeriodicJob } from '@plaza/concurrency';
import type { Component, Logger } from '@plaza/service-kit';
import { isRedisOutage } from '@plaza/service-kit/redis';
import type { CheckObservation } from '../domain/check.ts';
import type { CatalogReader } from '../domain/catalog-reader.ts';
import type { InstanceStore } from '../domain/registrations.service.ts';
import type { Probe } from './http-probe.ts';
import { createProbeSchedule, type ProbeTarget } from './probe-schedule.ts';
import { probeResultLost } from '../domain/registry.log-events.ts';

export interface ProberOptions {
  readonly catalogReader: Pick<CatalogReader, 'cached'>;
  readonly store: Pick<InstanceStore, 'report'>;
  readonly probe: Probe;
  readonly logger: Logger;
  /** Whether this replica runs the probes. */
  readonly isLeader: () => boolean;
  /** Milliseconds between two probes of a check that names no interval; 0 disables all probes. */
  readonly intervalMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onProbeResult: (observation: CheckObservation) => void;
}

const MAX_CONCURRENT_PROBES = 50;
/** 50 probes per tick are 1,000 a second: 10,000 instances in the default interval of 10 s. */
const TICK_MS = 50;

/** Probes the instances with HTTP checks, at most 50 at a time, and reports the results to the store. */
export function createProber(options: ProberOptions): Component {
  const { catalogReader, store, probe, logger, isLeader, intervalMs, random, onProbeResult } = options;
  const closed = new AbortController();
  const schedule = createProbeSchedule(intervalMs, random);
  const inFlight = new Map<string, Promise<void>>();
  let job: PeriodicJob | undefined;

  async function probeTarget(target: ProbeTarget): Promise<void> {
    const { instance, check } = target;
    const askedAt = performance.now();
    const observation = await probe(check, closed.signal);
    const status = closed.signal.aborted
      ? undefined
      : schedule.recordResult(target, observation.status, askedAt);
    if (status === undefined) return;
    onProbeResult(observation);
    const about = {
      kind: 'http',
      checkId: check.id,
      instance,
      incarnation: instance.incarnation,
    } as const;
    await store.report({ ...about, status, observation }).catch((error: unknown) => {
      // The connection logs once that Redis is away; the next probe reports the status again.
      if (!isRedisOutage(error)) logger.error(probeResultLost, { error });
    });
  }

  function probeDueTargets(): void {
    for (const target of schedule.due(performance.now())) {
      if (inFlight.size >= MAX_CONCURRENT_PROBES) return;
      if (inFlight.has(target.key)) continue;
      const result = probeTarget(target).finally(() => inFlight.delete(target.key));
      inFlight.set(target.key, result);
    }
  }

  async function tick(): Promise<void> {
    const catalog = isLeader() ? catalogReader.cached()?.catalog : undefined;
    if (catalog === undefined) {
      schedule.clear();
      return;
    }
    schedule.update(catalog, performance.now());
    probeDueTargets();
  }

  return {
    name: 'prober',
    onReady: async () => {
      if (intervalMs > 0) job = startPeriodicJob({ run: tick, intervalMs: TICK_MS, firstRun: 'at-once' });
    },
    close: async () => {
      closed.abort();
      await job?.stop();
      await Promise.all(inFlight.values());
    },
  };
}

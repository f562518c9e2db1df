import { setTimeout as wait } from 'node:timers/promises';
import type { Component, Logger } from '@plaza/service-kit';
import { isRedisOutage } from '@plaza/service-kit/redis';
import type { Observation } from '../domain/check.ts';
import type { Directory } from '../domain/directory.ts';
import type { InstanceStore } from '../domain/registrations.service.ts';
import type { Probe } from './http-probe.ts';
import { createProbeSchedule, type Target } from './probe-schedule.ts';

export interface ProberOptions {
  readonly directory: Pick<Directory, 'known'>;
  readonly store: Pick<InstanceStore, 'report'>;
  readonly probe: Probe;
  readonly logger: Logger;
  /** Whether it is this replica that probes. */
  readonly onDuty: () => boolean;
  /** Milliseconds between two probes of a check that names no interval. */
  readonly everyMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onProbed: (seen: Observation) => void;
}

const MOST_AT_ONCE = 50;
/** Fifty in each are a thousand a second: ten thousand instances in the standard interval. */
const TICK_MS = 50;

/** Asks the instances that declare a check over HTTP, at most 50 at once, and tells the store what they come to. */
export function createProber(options: ProberOptions): Component {
  const { directory, store, probe, logger, onDuty, everyMs, random, onProbed } = options;
  const closed = new AbortController();
  const schedule = createProbeSchedule(everyMs, random);
  const asking = new Map<string, Promise<void>>();
  let probing: Promise<void> | undefined;

  async function ask(target: Target): Promise<void> {
    const { instance, check } = target;
    const askedAt = performance.now();
    const seen = await probe(check, closed.signal);
    const status = closed.signal.aborted ? undefined : schedule.answered(target, seen.status, askedAt);
    if (status === undefined) return;
    onProbed(seen);
    const about = {
      kind: 'http',
      checkId: check.id,
      of: instance,
      incarnation: instance.incarnation,
    } as const;
    await store.report({ ...about, status, seen }).catch((error: unknown) => {
      // Redis being away is logged once where the connection is; the next probe tells as much.
      if (!isRedisOutage(error)) logger.error('what a probe saw could not be stored', { error });
    });
  }

  function askWhoIsDue(): void {
    for (const target of schedule.due(performance.now())) {
      if (asking.size >= MOST_AT_ONCE) return;
      if (asking.has(target.key)) continue;
      const asked = ask(target).finally(() => asking.delete(target.key));
      asking.set(target.key, asked);
    }
  }

  function tick(): void {
    const catalogue = onDuty() ? directory.known()?.catalogue : undefined;
    if (catalogue === undefined) {
      schedule.forgetAll();
      return;
    }
    schedule.follow(catalogue, performance.now());
    askWhoIsDue();
  }

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      tick();
      await wait(TICK_MS, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  return {
    name: 'prober',
    announce: async () => {
      probing = run();
    },
    close: async () => {
      closed.abort();
      await probing;
      await Promise.all(asking.values());
    },
  };
}

import { REPLICA_JITTER, startPeriodicJob, type PeriodicJob } from '@plaza/concurrency';
import { createOutboxPublisher, type OutboxPublisherOptions } from './outbox-publisher.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import type { Outbox } from './outbox.ts';
import { outboxSweepFailed } from '../messaging.log-events.ts';

/** Publishes the events of one outbox to one exchange. */
export interface MessageRelay {
  /**
   * Publishes all entries at the start, then those of each commit at once, and those left behind by other processes
   * within seconds.
   */
  start(): void;
  /** Publishes all entries of any age: those added while the broker was away. Does nothing before the start. */
  sweepAll(): Promise<void>;
  /** Waits for active work, sweeps once more if the broker is there, and ends. */
  stop(): Promise<void>;
}

export interface MessageRelayOptions extends Omit<OutboxPublisherOptions, 'store'> {
  readonly outbox: Outbox;
  readonly now: () => Date;
  /** Milliseconds after which an entry counts as left behind by the process that committed it. */
  readonly graceMs: number;
  /** Milliseconds between two sweeps for such entries. */
  readonly sweepIntervalMs: number;
}

/** Aggregates per sweep; their messages share the publisher's pipeline. */
const SWEEP_BATCH = 200;
/**
 * Maximum number of aggregates being published. Further commits wait for the sweep that starts when half of them are
 * done.
 */
const MOST_ACTIVE = 2_000;

export function createMessageRelay(options: MessageRelayOptions): MessageRelay {
  const { outbox, events, logger, now, graceMs, sweepIntervalMs } = options;
  const { store } = outbox;
  const outboxPublisher = createOutboxPublisher({ ...options, store });
  let sweepJob: PeriodicJob | undefined;
  let started = false;
  let sweeping: Promise<void> | undefined;
  let failed = false;
  let overflowed = false;

  async function sweep(before: Date): Promise<void> {
    while (events.ready()) {
      const claimed = await store.claim(before, SWEEP_BATCH, outboxPublisher.active());
      if (claimed.length === 0) return;
      const drained = await Promise.all(
        claimed.map(({ id, entries }) => outboxPublisher.publish(id, entries)),
      );
      if (!drained.every(Boolean)) return;
    }
  }

  /** The next sweep tries again; an outage of the database is logged once. */
  async function trySweep(before: Date): Promise<void> {
    try {
      await sweep(before);
      failed = false;
    } catch (error) {
      const about = { outbox: store.name, error };
      if (!failed) logger.warn(outboxSweepFailed, about);
      failed = true;
    }
  }

  function sweepOnce(before: Date): Promise<void> {
    sweeping ??= trySweep(before).finally(() => (sweeping = undefined));
    return sweeping;
  }

  async function sweepAll(): Promise<void> {
    if (!started) return;
    await sweeping; // a running sweep may only cover older entries
    await sweepOnce(now());
  }

  function publishSoon(id: string, due: readonly OutboxEntry[]) {
    if (outboxPublisher.size() >= MOST_ACTIVE) overflowed = true;
    else void outboxPublisher.publish(id, due).then(sweepOverflow);
  }

  function sweepOverflow() {
    if (!overflowed || outboxPublisher.size() > MOST_ACTIVE / 2) return;
    overflowed = false;
    void sweepAll();
  }

  function startSweepJob(): PeriodicJob {
    return startPeriodicJob({
      run: () => sweepOnce(new Date(now().getTime() - graceMs)),
      intervalMs: sweepIntervalMs,
      jitter: REPLICA_JITTER,
      ref: false,
    });
  }

  return {
    start: () => {
      started = true;
      outbox.onCommitted((id, due) => {
        if (due !== undefined && events.ready()) publishSoon(id, due);
      });
      void sweepAll();
      sweepJob = startSweepJob();
    },
    sweepAll,
    stop: async () => {
      await sweepJob?.stop();
      await outboxPublisher.idle();
      await sweepAll();
    },
  };
}

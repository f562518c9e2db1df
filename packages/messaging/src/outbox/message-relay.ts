import { setTimeout as wait } from 'node:timers/promises';
import { createOutboxPublisher, type OutboxPublisherOptions } from './outbox-publisher.ts';
import type { OutboxEntry } from './outbox-entry.ts';
import type { Outbox } from './outbox.ts';

/** Carries the events of one outbox to one exchange. */
export interface MessageRelay {
  /** Publishes what waits, then what commits leave, at once, and what others leave behind, within seconds. */
  start(): void;
  /** Publishes all that waits, of whatever age: what was left while the broker was away. Nothing before the start. */
  sweepAll(): Promise<void>;
  /** Waits for what is on its way, sweeps once more where the broker is there, and ends. */
  stop(): Promise<void>;
}

export interface MessageRelayOptions extends Omit<OutboxPublisherOptions, 'store'> {
  readonly outbox: Outbox;
  readonly now: () => Date;
  /** Milliseconds after which an entry that still waits has been left by whoever had to publish it. */
  readonly graceMs: number;
  /** Milliseconds between two looks for such entries. */
  readonly sweepIntervalMs: number;
}

/** Aggregates that one sweep takes at a time; their messages share the publisher's pipeline. */
const SWEEP_BATCH = 200;
/** Aggregates on their way at a time. What is committed on top waits for a sweep, as soon as half of them are done. */
const MOST_ACTIVE = 2_000;

export function createMessageRelay(options: MessageRelayOptions): MessageRelay {
  const { outbox, events, logger, now, graceMs, sweepIntervalMs } = options;
  const { store } = outbox;
  const outboxPublisher = createOutboxPublisher({ ...options, store });
  const stopping = new AbortController();
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

  /** The next one tries again; an outage of the database is told once. */
  async function trySweep(before: Date): Promise<void> {
    try {
      await sweep(before);
      failed = false;
    } catch (error) {
      const about = { outbox: store.name, error };
      if (!failed) logger.warn('an outbox cannot be read: trying until it can', about);
      failed = true;
    }
  }

  function sweepOnce(before: Date): Promise<void> {
    sweeping ??= trySweep(before).finally(() => (sweeping = undefined));
    return sweeping;
  }

  async function sweepAll(): Promise<void> {
    if (!started) return;
    await sweeping; // it may look for what is older only
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

  async function sweepForever() {
    for (;;) {
      const pause = sweepIntervalMs * (0.75 + Math.random() / 2); // replicas that started as one drift apart
      await wait(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await sweepOnce(new Date(now().getTime() - graceMs));
    }
  }

  return {
    start: () => {
      started = true;
      outbox.onCommitted((id, due) => {
        if (due !== undefined && events.ready()) publishSoon(id, due);
      });
      void sweepAll();
      void sweepForever();
    },
    sweepAll,
    stop: async () => {
      stopping.abort();
      await outboxPublisher.idle();
      await sweepAll();
    },
  };
}

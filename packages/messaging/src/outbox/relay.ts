import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@plaza/service-kit';
import type { EventPublisher } from '../publisher/event-publisher.ts';
import { BrokerUnavailable } from '../publisher/publisher.errors.ts';
import { envelopeOf, type OutboxEntry } from './entry.ts';
import type { Outbox } from './outbox.ts';

/** Carries the events of one outbox to one exchange. */
export interface Relay {
  /** Publishes what commits leave, at once, and what was left behind, within seconds. */
  start(): void;
  /** Publishes all that waits, of whatever age: what was left while the broker was away. */
  sweepAll(): Promise<void>;
  /** Waits for what is on its way, sweeps once more where the broker is there, and ends. */
  stop(): Promise<void>;
}

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly exchange: string;
  readonly source: string;
  readonly events: EventPublisher;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Milliseconds after which an entry that still waits has been left by whoever had to publish it. */
  readonly graceMs: number;
  /** Milliseconds between two looks for such entries. */
  readonly sweepEveryMs: number;
}

/** Aggregates that one sweep takes at a time; their messages share the publisher's pipeline. */
const SWEEP_BATCH = 200;
/** Entries of one aggregate that are sent before the first of them is confirmed. */
const IN_ONE_GO = 100;
/** Aggregates on their way after their commits. What comes on top of so many waits for the sweeper. */
const MOST_ACTIVE = 2_000;

export function createRelay(options: RelayOptions): Relay {
  const { outbox, exchange, source, events, logger, now, graceMs, sweepEveryMs } = options;
  const { waiting } = outbox;
  const active = new Map<string, Promise<boolean>>();
  const stopping = new AbortController();
  let sweeping: Promise<void> | undefined;

  /** Sends entries of one aggregate in order; answers how many of them, from the first, are confirmed. */
  async function publish(id: string, entries: readonly OutboxEntry[]): Promise<number> {
    const sent = entries.map((entry) =>
      events.publish(exchange, envelopeOf(entry, id, source), entry.context.traceparent),
    );
    const results = await Promise.allSettled(sent);
    const failed = results.findIndex(({ status }) => status === 'rejected');
    const failure = results[failed];
    if (failure?.status === 'rejected') explain(failure.reason, id, entries[failed]);
    return failure === undefined ? entries.length : failed;
  }

  /** An absent broker is the connection's to tell; anything else would go unnoticed, and last. */
  function explain(error: unknown, aggregateId: string, entry: OutboxEntry | undefined) {
    if (error instanceof BrokerUnavailable) return;
    logger.error('an event cannot be published: a defect', { eventId: entry?.eventId, aggregateId, error });
  }

  /** Publishes until the aggregate's outbox is empty. False where something is left for a later sweep. */
  async function drain(id: string, due: readonly OutboxEntry[]): Promise<boolean> {
    let left = due;
    do {
      const batch = left.slice(0, IN_ONE_GO);
      const count = await publish(id, batch);
      const last = batch[count - 1];
      if (batch.length > 0 && last === undefined) return false;
      left = await waiting.confirmed(id, last?.seq ?? 0);
      if (count < batch.length) return false;
    } while (left.length > 0);
    return true;
  }

  /** What fails here is not lost: it stays in its document. */
  function take(id: string, due: readonly OutboxEntry[]): Promise<boolean> {
    const work = drain(id, due)
      .catch((error: unknown) => {
        logger.warn('an event stays in its outbox for now', { outbox: waiting.name, aggregateId: id, error });
        return false;
      })
      .finally(() => active.delete(id));
    active.set(id, work);
    return work;
  }

  async function sweep(before: Date): Promise<void> {
    while (events.ready()) {
      const claimed = await waiting.claim(before, SWEEP_BATCH);
      const free = claimed.filter(({ id }) => !active.has(id));
      if (free.length === 0) return;
      const drained = await Promise.all(free.map(({ id, entries }) => take(id, entries)));
      if (!drained.every(Boolean)) return;
    }
  }

  /** One sweep at a time; a failed one is tried again by the next. */
  function sweepOnce(before: Date): Promise<void> {
    sweeping ??= sweep(before)
      .catch((error: unknown) => logger.warn('a sweep failed', { outbox: waiting.name, error }))
      .finally(() => (sweeping = undefined));
    return sweeping;
  }

  async function sweepForever() {
    for (;;) {
      const pause = sweepEveryMs * (0.75 + Math.random() / 2); // replicas that started as one drift apart
      await wait(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await sweepOnce(new Date(now().getTime() - graceMs));
    }
  }

  return {
    start: () => {
      outbox.onCommitted((id, due) => {
        if (due !== undefined && events.ready() && active.size < MOST_ACTIVE) void take(id, due);
      });
      void sweepForever();
    },
    sweepAll: async () => {
      await sweeping;
      await sweepOnce(now());
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(active.values());
      await sweeping;
      await sweepOnce(now());
    },
  };
}

import { createKeyedMutex } from '@plaza/concurrency';
import type { Logger } from '@plaza/service-kit';
import type { EventPublisher } from '../publisher/event-publisher.ts';
import { BrokerUnavailable } from '../publisher/publisher.errors.ts';
import { toEnvelope, type OutboxEntry } from './outbox-entry.ts';
import type { OutboxStore } from './outbox-store.ts';
import { eventPublishFailed, outboxPublishDeferred } from '../messaging.log-events.ts';

/** Publishes the entries of aggregates, in the order of each aggregate and with one worker per aggregate. */
export interface OutboxPublisher {
  /**
   * Publishes these entries and those added meanwhile, until the aggregate's outbox is empty. Resolves with false if
   * entries remain for a sweep. Never rejects: what fails stays in its document.
   */
  publish(id: string, due: readonly OutboxEntry[]): Promise<boolean>;
  /** The aggregates whose entries are being published. */
  active(): readonly string[];
  size(): number;
  /** Resolves when all current work has ended, successful or not. */
  idle(): Promise<void>;
}

export interface OutboxPublisherOptions {
  readonly store: OutboxStore;
  readonly exchange: string;
  readonly source: string;
  readonly events: EventPublisher;
  readonly logger: Logger;
}

/** The maximum number of unconfirmed entries of one aggregate. */
const IN_ONE_GO = 100;

export function createOutboxPublisher({
  store,
  exchange,
  source,
  events,
  logger,
}: OutboxPublisherOptions): OutboxPublisher {
  const aggregates = createKeyedMutex();

  /** Sends an aggregate's entries in order and resolves with how many of them, from the first, were confirmed. */
  async function publishBatch(id: string, entries: readonly OutboxEntry[]): Promise<number> {
    const sent = entries.map((entry) =>
      events.publish(exchange, toEnvelope(entry, id, source), entry.context.traceparent),
    );
    const results = await Promise.allSettled(sent);
    const failed = results.findIndex(({ status }) => status === 'rejected');
    const failure = results[failed];
    if (failure?.status === 'rejected') logFailure(failure.reason, id, entries[failed]);
    return failure === undefined ? entries.length : failed;
  }

  /** An absent broker is logged by the connection. Any other error would repeat unnoticed. */
  function logFailure(error: unknown, aggregateId: string, entry: OutboxEntry | undefined) {
    if (error instanceof BrokerUnavailable) return;
    logger.error(eventPublishFailed, { eventId: entry?.eventId, aggregateId, error });
  }

  async function publishUntilEmpty(id: string, due: readonly OutboxEntry[]): Promise<boolean> {
    let left = due;
    do {
      const batch = left.slice(0, IN_ONE_GO);
      const count = await publishBatch(id, batch);
      const last = batch[count - 1];
      if (batch.length > 0 && last === undefined) return false;
      left = await store.markConfirmed(id, last?.seq ?? 0);
      if (count < batch.length) return false;
    } while (left.length > 0);
    return true;
  }

  return {
    publish: async (id, due) => {
      // The call in progress may publish these entries as well: read the remaining ones again.
      const entries = aggregates.isLocked(id) ? [] : due;
      try {
        return await aggregates.run(id, () => publishUntilEmpty(id, entries));
      } catch (error) {
        logger.warn(outboxPublishDeferred, { outbox: store.name, aggregateId: id, error });
        return false;
      }
    },
    active: aggregates.lockedKeys,
    size: aggregates.size,
    idle: aggregates.whenIdle,
  };
}

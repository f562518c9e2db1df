import type { Model } from 'mongoose';
import type { OutboxEntry } from './outbox-entry.ts';
import type { OutboxStats } from './outbox-metrics.ts';
import type { OutboxDocument } from './outbox-schema.ts';
import { createOutboxCleanup, type LeasedDocument } from './outbox-cleanup.ts';

/** An aggregate with the events that wait in its document, in order. */
export interface ClaimedAggregate {
  readonly id: string;
  readonly entries: readonly OutboxEntry[];
}

/** The relay's side of an outbox: what waits in the documents, and how it leaves them. */
export interface OutboxStore {
  /** The collection, for logs and metrics. */
  readonly name: string;
  /**
   * Takes out what is confirmed, up to and including `seq`, and answers what to publish next: what waits
   * behind it, unless another replica has claimed that. With the last event of a tombstone its document goes.
   */
  markConfirmed(id: string, seq: number): Promise<readonly OutboxEntry[]>;
  /**
   * Leases up to `limit` aggregates in which something waits since before `before`, except some: of two replicas that
   * ask at once each aggregate goes to one. A lease ends with the last event, or by itself.
   */
  claim(before: Date, limit: number, except: readonly string[]): Promise<readonly ClaimedAggregate[]>;
  stats(): Promise<OutboxStats>;
}

export interface OutboxStoreOptions {
  readonly model: Model<OutboxDocument>;
  readonly now: () => Date;
  /** Tells this process from the others that share the collection. */
  readonly owner: string;
}

/**
 * For how long nobody else touches an aggregate that a sweeper has claimed: a little longer than the broker
 * may take to confirm, for a dead owner's lease holds its events up. Renewed with each confirmed batch.
 */
const LEASE_MS = 6_000;

export function createOutboxStore({ model, now, owner }: OutboxStoreOptions): OutboxStore {
  const collection = model.db.collection<LeasedDocument>(model.collection.collectionName);
  const lease = () => ({ owner, until: new Date(now().getTime() + LEASE_MS) });

  const cleanup = createOutboxCleanup({ collection, lease });

  return {
    name: collection.collectionName,

    markConfirmed: async (id, seq) => {
      const left = await cleanup.removeConfirmed(id, seq);
      if (left === undefined) return [];
      const { seq: current, outbox: entries, outboxLease, deletedAt } = left;
      if (entries.length === 0 && deletedAt !== undefined)
        await collection.deleteOne({ _id: id, seq: current, outbox: { $size: 0 } });
      return outboxLease === undefined || outboxLease.owner === owner ? entries : [];
    },

    claim: async (before, limit, except) => {
      const free = {
        _id: { $nin: [...except] },
        outboxSince: { $lt: before },
        $or: [
          { outboxLease: { $exists: false } },
          { 'outboxLease.until': { $lte: now() } },
          { 'outboxLease.owner': owner },
        ],
      };
      const due = await collection
        .find(free, { projection: { _id: 1 } })
        .sort({ outboxSince: 1 })
        .limit(limit)
        .toArray();
      if (due.length === 0) return [];
      const chosen = { _id: { $in: due.map(({ _id }) => _id) } };
      await collection.updateMany({ ...free, ...chosen }, { $set: { outboxLease: lease() } });
      const mine = await collection
        .find({ ...chosen, 'outboxLease.owner': owner }, { projection: { outbox: 1 } })
        .toArray();
      return mine.map(({ _id, outbox }) => ({ id: _id, entries: outbox }));
    },

    stats: async () => {
      const [sum] = await collection
        .aggregate([
          { $match: { outboxSince: { $gt: new Date(0) } } },
          { $group: { _id: null, depth: { $sum: { $size: '$outbox' } }, oldest: { $min: '$outboxSince' } } },
        ])
        .toArray();
      return sum === undefined ? { depth: 0 } : { depth: sum['depth'], oldest: sum['oldest'] };
    },
  };
}

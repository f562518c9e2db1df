import type { Model } from 'mongoose';
import type { OutboxEntry } from './outbox-entry.ts';
import type { OutboxStats } from './outbox-metrics.ts';
import type { OutboxDocument } from './outbox-schema.ts';
import { createOutboxCleanup, type LeasedDocument } from './outbox-cleanup.ts';

/** An aggregate with the entries of its outbox, in order. */
export interface ClaimedAggregate {
  readonly id: string;
  readonly entries: readonly OutboxEntry[];
}

/** The read side of an outbox: finds entries and removes confirmed ones. */
export interface OutboxStore {
  /** The collection's name, for logs and metrics. */
  readonly name: string;
  /**
   * Removes the confirmed entries up to and including `seq`, and resolves with the next ones to publish, unless
   * another replica has claimed them. Removing the last entry of a tombstone deletes its document.
   */
  markConfirmed(id: string, seq: number): Promise<readonly OutboxEntry[]>;
  /**
   * Leases up to `limit` aggregates with an entry older than `before`, without the excepted ones: each aggregate goes
   * to one of the replicas that ask at the same time. A lease ends with the last entry, or by its time.
   */
  claim(before: Date, limit: number, except: readonly string[]): Promise<readonly ClaimedAggregate[]>;
  stats(): Promise<OutboxStats>;
}

export interface OutboxStoreOptions {
  readonly model: Model<OutboxDocument>;
  readonly now: () => Date;
  /** Identifies this process among those that share the collection. */
  readonly owner: string;
}

/**
 * The duration of a sweeper's lease on an aggregate: a little longer than a confirm may take, because the lease of a
 * dead owner delays its events. Renewed with each confirmed batch.
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

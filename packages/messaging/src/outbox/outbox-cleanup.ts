import { createBatcher } from '@plaza/concurrency';
import type { Collection } from 'mongoose';
import type { OutboxDocument } from './outbox-schema.ts';

/** A document with an outbox and the sweeper's lease. */
export interface LeasedDocument extends OutboxDocument {
  /** The replica whose sweeper has claimed the aggregate. */
  readonly outboxLease?: { readonly owner: string; readonly until: Date };
}

/** Removes confirmed entries from documents, in batches. */
export interface OutboxCleanup {
  /**
   * Removes the entries up to and including `seq`. Resolves with the document if it has remaining entries or is a
   * tombstone.
   */
  removeConfirmed(id: string, seq: number): Promise<LeasedDocument | undefined>;
}

export interface OutboxCleanupOptions {
  readonly collection: Collection<LeasedDocument>;
  /** A renewed lease, if this process has claimed the aggregate with one. */
  readonly lease: () => { readonly owner: string; readonly until: Date };
}

interface PendingRemoval {
  readonly id: string;
  readonly seq: number;
}

/** The maximum number of writes in one command. */
const BATCH_SIZE = 100;

/**
 * One write per event would cost more than all other work of the relay. One packet from the broker has many confirms:
 * these form a batch.
 */
export function createOutboxCleanup({ collection, lease }: OutboxCleanupOptions): OutboxCleanup {
  /**
   * Resolves with the remaining documents by id. Usually there are none: a document without a later change is simply
   * emptied.
   */
  async function write(batch: readonly PendingRemoval[]): Promise<ReadonlyMap<string, LeasedDocument>> {
    const { matchedCount } = await collection.bulkWrite(batch.map(toEmptyUpdate), { ordered: false });
    if (matchedCount === batch.length) return new Map();
    const ids = batch.map(({ id }) => id);
    const waiting = { _id: { $in: ids }, outboxSince: { $gt: new Date(0) } };
    const found = await collection.find(waiting, { projection: { _id: 1 } }).toArray();
    const open = new Set(found.map(({ _id }) => _id));
    const after = await Promise.all(batch.filter(({ id }) => open.has(id)).map(removeOne));
    return new Map(after.flatMap((left) => (left?.outboxSince === undefined ? [] : [[left._id, left]])));
  }

  function removeOne({ id, seq }: PendingRemoval): Promise<LeasedDocument | null> {
    return collection.findOneAndUpdate({ _id: id }, toRemoveUpdate(seq, lease()), {
      returnDocument: 'after',
      projection: { seq: 1, outbox: 1, outboxSince: 1, outboxLease: 1, deletedAt: 1 },
    });
  }

  const remove = createBatcher<PendingRemoval, LeasedDocument | undefined>({
    run: async (batch) => {
      const left = await write(batch);
      return batch.map(({ id }) => left.get(id));
    },
    maxSize: BATCH_SIZE,
  });

  return { removeConfirmed: (id, seq) => remove({ id, seq }) };
}

/** If the last confirmed entry came with the last change, all entries are confirmed. Not used for a tombstone. */
function toEmptyUpdate({ id, seq }: PendingRemoval) {
  return {
    updateOne: {
      filter: { _id: id, seq, deletedAt: { $exists: false } },
      update: { $set: { outbox: [] }, $unset: { outboxSince: 1, outboxLease: 1 } } as const,
    },
  };
}

/**
 * An update that removes entries and, in the same write, keeps the sweeper's fields correct: `outboxSince` is the
 * commit time of the oldest remaining entry. A tombstone keeps it until its document is deleted, so that the sweeper
 * finds the tombstone after a crash.
 */
function toRemoveUpdate(seq: number, lease: { readonly owner: string }) {
  const rest = { $filter: { input: '$outbox', as: 'entry', cond: { $gt: ['$$entry.seq', seq] } } };
  const some = { $gt: [{ $size: '$outbox' }, 0] };
  const tombstone = { $gt: ['$deletedAt', null] };
  const oldest = { $ifNull: [{ $first: '$outbox.occurredAt' }, '$outboxSince'] };
  const renewed = { $cond: [{ $eq: ['$outboxLease.owner', lease.owner] }, lease, '$outboxLease'] };
  return [
    { $set: { outbox: rest } },
    {
      $set: {
        outboxSince: { $cond: [{ $or: [some, tombstone] }, oldest, '$$REMOVE'] },
        outboxLease: { $cond: [some, renewed, '$$REMOVE'] },
      },
    },
  ];
}

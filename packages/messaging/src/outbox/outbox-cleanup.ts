import type { Collection } from 'mongoose';
import type { OutboxDocument } from './outbox-schema.ts';

/** An outboxed document with the sweeper's own field. */
export interface LeasedDocument extends OutboxDocument {
  /** Which replica's sweeper has the aggregate in hand. */
  readonly outboxLease?: { readonly owner: string; readonly until: Date };
}

/** Takes confirmed entries out of documents, as many at a time as have gathered. */
export interface OutboxCleanup {
  /**
   * Takes out the entries up to and including `seq`. Answers the document where something is left of it to
   * see to: entries, or a tombstone.
   */
  removeConfirmed(id: string, seq: number): Promise<LeasedDocument | undefined>;
}

export interface OutboxCleanupOptions {
  readonly collection: Collection<LeasedDocument>;
  /** A renewed lease, for whoever has the aggregate in hand by one. */
  readonly lease: () => { readonly owner: string; readonly until: Date };
}

interface PendingRemoval {
  readonly id: string;
  readonly seq: number;
  readonly resolve: (left: LeasedDocument | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** In one command. */
const MOST = 100;

/**
 * A write for each event would cost more than all else that the relay does. What is confirmed while a batch
 * is being written makes the next one; nothing waits for others to come.
 */
export function createOutboxCleanup({ collection, lease }: OutboxCleanupOptions): OutboxCleanup {
  let gathered: PendingRemoval[] = [];
  let writing = false;

  /** Answers what is left, by id. Mostly nothing is: a document with no change since is simply emptied. */
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

  async function writeAll() {
    while (gathered.length > 0) {
      const batch = gathered.slice(0, MOST);
      gathered = gathered.slice(MOST);
      try {
        const left = await write(batch);
        for (const { id, resolve } of batch) resolve(left.get(id));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  return {
    removeConfirmed: (id, seq) =>
      new Promise((resolve, reject) => {
        gathered.push({ id, seq, resolve, reject });
        if (writing) return;
        writing = true;
        setImmediate(() => void writeAll()); // one packet of the broker's confirms many
      }),
  };
}

/** Where the last confirmed entry came with the last change, all are confirmed. A tombstone is not done so. */
function toEmptyUpdate({ id, seq }: PendingRemoval) {
  return {
    updateOne: {
      filter: { _id: id, seq, deletedAt: { $exists: false } },
      update: { $set: { outbox: [] }, $unset: { outboxSince: 1, outboxLease: 1 } } as const,
    },
  };
}

/**
 * An update that takes entries out and, in the same write, keeps the sweeper's fields true: `outboxSince` is
 * when the oldest entry that is left was committed. A tombstone keeps it until its document goes, for the
 * sweeper must find it where the process dies in between.
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

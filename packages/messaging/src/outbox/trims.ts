import type { Collection } from 'mongoose';
import type { Outboxed } from './outboxed.ts';

/** An outboxed document with the sweeper's own field. */
export interface Leased extends Outboxed {
  /** Which replica's sweeper has the aggregate in hand. */
  readonly outboxLease?: { readonly owner: string; readonly until: Date };
}

/** Takes confirmed entries out of documents, as many at a time as have gathered. */
export interface Trims {
  /**
   * Takes out the entries up to and including `seq`. Answers the document where something is left of it to
   * see to: entries, or a tombstone.
   */
  trim(id: string, seq: number): Promise<Leased | undefined>;
}

export interface TrimsOptions {
  readonly collection: Collection<Leased>;
  /** A renewed lease, for whoever has the aggregate in hand by one. */
  readonly lease: () => { readonly owner: string; readonly until: Date };
}

interface Pending {
  readonly id: string;
  readonly seq: number;
  readonly resolve: (left: Leased | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** In one command. */
const MOST = 100;
const LEFT = { seq: 1, outbox: 1, outboxSince: 1, outboxLease: 1, deletedAt: 1 } as const;

/**
 * A write for each event would cost more than all else that the relay does (a third of it in a batch). What
 * is confirmed while a batch is being written makes the next one; nothing waits for others to come.
 */
export function createTrims({ collection, lease }: TrimsOptions): Trims {
  let gathered: Pending[] = [];
  let writing = false;

  async function write(batch: readonly Pending[]): Promise<ReadonlyMap<string, Leased>> {
    const [only, ...others] = batch;
    if (only !== undefined && others.length === 0) {
      const options = { returnDocument: 'after', projection: LEFT } as const;
      const after = await collection.findOneAndUpdate({ _id: only.id }, without(only.seq, lease()), options);
      return new Map(after?.outboxSince === undefined ? [] : [[only.id, after]]);
    }
    const updates = batch.map(({ id, seq }) => ({
      updateOne: { filter: { _id: id }, update: without(seq, lease()) },
    }));
    await collection.bulkWrite(updates, { ordered: false });
    const ids = batch.map(({ id }) => id);
    const left = collection.find(
      { _id: { $in: ids }, outboxSince: { $gt: new Date(0) } },
      { projection: LEFT },
    );
    return new Map((await left.toArray()).map((document) => [document._id, document]));
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
    trim: (id, seq) =>
      new Promise((resolve, reject) => {
        gathered.push({ id, seq, resolve, reject });
        if (writing) return;
        writing = true;
        setImmediate(() => void writeAll()); // one packet of the broker's confirms many
      }),
  };
}

/**
 * An update that takes entries out and, in the same write, keeps the sweeper's fields true: `outboxSince` is
 * when the oldest entry that is left was committed. A tombstone keeps it until its document goes, for the
 * sweeper must find it where the process dies in between.
 */
function without(seq: number, lease: { readonly owner: string }) {
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

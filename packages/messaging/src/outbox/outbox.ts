import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@plaza/domain';
import type { Model } from 'mongoose';
import { createOutboxEntries, type OutboxEntryOptions, type OutboxEntry } from './outbox-entry.ts';
import type { OutboxDocument } from './outbox-schema.ts';
import { createOutboxStore, type OutboxStore } from './outbox-store.ts';

/** An aggregate's id and the sequence number that the writer has read. */
export interface AggregateVersion {
  readonly id: string;
  readonly seq: number;
}

export interface DocumentUpdate {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly unset?: readonly string[];
}

/**
 * Called after a commit with events. `due` are the entries to publish now. It is undefined if the outbox already had
 * entries: the process that added the first one publishes them all.
 */
export type CommitListener = (id: string, due: readonly OutboxEntry[] | undefined) => void;

/** The write side of the outbox, and the only writer of an aggregate's document. */
export interface Outbox {
  /**
   * Stores a new aggregate with its events in one write. Rejects with the driver's error if a unique key is taken.
   */
  insert(id: string, state: Readonly<Record<string, unknown>>, events: readonly DomainEvent[]): Promise<void>;
  /**
   * Stores a change with its events in one write, conditional on `seq`. Resolves with false if another writer was
   * first or the aggregate is deleted: load and decide again. `deletedAt` makes the document a tombstone, which is
   * removed when its last event is confirmed.
   */
  save(at: AggregateVersion, update: DocumentUpdate, events: readonly DomainEvent[]): Promise<boolean>;
  onCommitted(listener: CommitListener): void;
  /** The read side, for the relay. */
  readonly store: OutboxStore;
}

export interface OutboxOptions extends Partial<OutboxEntryOptions> {
  /** The aggregate's Mongoose model. Its schema must have the fields of `addOutboxFields`. */
  readonly model: Model<OutboxDocument>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { model, now = () => new Date(), newId = randomUUID, schemaVersions = {} } = options;
  const listeners: CommitListener[] = [];
  const entries = (events: readonly DomainEvent[], lastSeq: number) =>
    createOutboxEntries(events, lastSeq, { now, newId, schemaVersions });

  const committed = (id: string, due: readonly OutboxEntry[] | undefined) => {
    for (const listener of listeners) listener(id, due);
  };

  return {
    insert: async (id, state, events) => {
      const outbox = entries(events, 0);
      const waiting = outbox.length > 0 ? { outboxSince: now() } : {};
      await model.create({ ...state, _id: id, seq: nextSeq(0, events), outbox, ...waiting });
      if (outbox.length > 0) committed(id, outbox);
    },

    save: async ({ id, seq }, { set = {}, unset = [] }, events) => {
      const outbox = entries(events, seq);
      const before = await model
        .findOneAndUpdate(
          { _id: id, seq },
          {
            $set: { ...set, seq: nextSeq(seq, events) },
            ...(unset.length === 0 ? {} : { $unset: Object.fromEntries(unset.map((field) => [field, 1])) }),
            ...(outbox.length === 0
              ? {}
              : { $push: { outbox: { $each: outbox } }, $min: { outboxSince: now() } }),
          },
          { returnDocument: 'before', projection: { outboxSince: 1 } },
        )
        .lean();
      if (before === null) return false;
      if (outbox.length > 0) committed(id, before.outboxSince === undefined ? outbox : undefined);
      return true;
    },

    onCommitted: (listener) => {
      listeners.push(listener);
    },

    store: createOutboxStore({ model, now, owner: randomUUID() }),
  };
}

/** A change without events also raises `seq`, so that the next writer notices the conflict. */
function nextSeq(seq: number, events: readonly DomainEvent[]): number {
  return seq + Math.max(1, events.length);
}

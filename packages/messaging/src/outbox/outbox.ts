import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@plaza/domain';
import type { Model } from 'mongoose';
import { createOutboxEntries, type OutboxEntryOptions, type OutboxEntry } from './outbox-entry.ts';
import type { OutboxDocument } from './outbox-schema.ts';
import { createOutboxStore, type OutboxStore } from './outbox-store.ts';

/** Which aggregate, and the sequence number that the writer has read. */
export interface AggregateVersion {
  readonly id: string;
  readonly seq: number;
}

export interface DocumentUpdate {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly unset?: readonly string[];
}

/**
 * Hears of a commit with events. `due` are the entries to publish now: whoever fills an empty outbox sees to
 * it until it is empty again. Where something waited already, that is somebody's duty, and `due` is undefined.
 */
export type CommitListener = (id: string, due: readonly OutboxEntry[] | undefined) => void;

/** The writing side of the outbox: the only way in which an aggregate's document changes. */
export interface Outbox {
  /** Stores a new aggregate with its events, in one write. Rejects as the driver does on a taken unique key. */
  insert(id: string, state: Readonly<Record<string, unknown>>, events: readonly DomainEvent[]): Promise<void>;
  /**
   * Stores a change with its events in one write, conditional on `seq`. False where another writer was
   * first or the aggregate is gone: read again and decide again. Setting `deletedAt` leaves a tombstone, which
   * goes when its last event is confirmed.
   */
  save(at: AggregateVersion, update: DocumentUpdate, events: readonly DomainEvent[]): Promise<boolean>;
  onCommitted(listener: CommitListener): void;
  /** The relay's side. */
  readonly store: OutboxStore;
}

export interface OutboxOptions extends Partial<OutboxEntryOptions> {
  /** The Mongoose model of the aggregate; its schema went through `addOutboxFields`. */
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

/** A change without events is a change all the same: `seq` must rise for the next writer to notice. */
function nextSeq(seq: number, events: readonly DomainEvent[]): number {
  return seq + Math.max(1, events.length);
}

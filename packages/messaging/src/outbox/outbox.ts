import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '@plaza/domain';
import type { Model, Schema } from 'mongoose';
import { entriesFor, type EntryOptions, type OutboxEntry } from './entry.ts';

/** The fields that an aggregate's document has besides its state. */
export interface Outboxed {
  readonly _id: string;
  /** Raised with each change: a writer that read an older one has lost the race. */
  readonly seq: number;
  readonly outbox: readonly OutboxEntry[];
  /** Since when something waits in the outbox; absent where nothing does. The sweeper's index. */
  readonly outboxSince?: Date;
  /** Set on a tombstone: the aggregate is gone, its last event is not confirmed yet. */
  readonly deletedAt?: Date;
}

/** Adds the outbox to an aggregate's schema: its fields, and the sparse index by which a sweeper finds it. */
export function addOutbox(schema: Schema): void {
  schema.add({
    seq: { type: Number, required: true },
    outbox: { type: [], required: true },
    outboxSince: Date,
    deletedAt: Date,
  });
  schema.index({ outboxSince: 1 }, { sparse: true });
}

/** Which aggregate, and the sequence number that the writer has read. */
export interface At {
  readonly id: string;
  readonly seq: number;
}

export interface Update {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly unset?: readonly string[];
}

/** The writing side of the outbox: the only way in which an aggregate's document changes. */
export interface Outbox {
  /** Stores a new aggregate with its events, in one write. Rejects as the driver does on a taken unique key. */
  insert(id: string, state: Readonly<Record<string, unknown>>, events: readonly DomainEvent[]): Promise<void>;
  /**
   * Stores a change with its events in one write, conditional on `seq`. False where another writer was
   * first or the aggregate is gone: read again and decide again.
   */
  save(at: At, update: Update, events: readonly DomainEvent[]): Promise<boolean>;
  /** Calls the listener with the id of each aggregate that was committed with events. */
  onCommitted(listener: (id: string) => void): void;
}

export interface OutboxOptions extends Partial<EntryOptions> {
  /** The Mongoose model of the aggregate; its schema went through `addOutbox`. */
  readonly model: Model<Outboxed>;
}

export function createOutbox({ model, now = () => new Date(), newId = randomUUID }: OutboxOptions): Outbox {
  const listeners: ((id: string) => void)[] = [];

  const committed = (id: string, events: readonly DomainEvent[]) => {
    if (events.length > 0) for (const listener of listeners) listener(id);
  };

  return {
    insert: async (id, state, events) => {
      const outbox = entriesFor(events, 0, { now, newId });
      const waiting = outbox.length > 0 ? { outboxSince: now() } : {};
      await model.create({ ...state, _id: id, seq: seqAfter(0, events), outbox, ...waiting });
      committed(id, events);
    },

    save: async ({ id, seq }, { set = {}, unset = [] }, events) => {
      const outbox = entriesFor(events, seq, { now, newId });
      const { matchedCount } = await model.updateOne(
        { _id: id, seq },
        {
          $set: { ...set, seq: seqAfter(seq, events) },
          ...(unset.length === 0 ? {} : { $unset: Object.fromEntries(unset.map((field) => [field, 1])) }),
          ...(outbox.length === 0
            ? {}
            : { $push: { outbox: { $each: outbox } }, $min: { outboxSince: now() } }),
        },
      );
      if (matchedCount === 1) committed(id, events);
      return matchedCount === 1;
    },

    onCommitted: (listener) => {
      listeners.push(listener);
    },
  };
}

/** A change without events is a change all the same: `seq` must rise for the next writer to notice. */
function seqAfter(seq: number, events: readonly DomainEvent[]): number {
  return seq + Math.max(1, events.length);
}

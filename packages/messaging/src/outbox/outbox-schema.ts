import type { Schema } from 'mongoose';
import type { OutboxEntry } from './outbox-entry.ts';

/** The fields of an aggregate's document beside its state. */
export interface OutboxDocument {
  readonly _id: string;
  /** Raised with each change: a write conditional on an older value has lost the race. */
  readonly seq: number;
  readonly outbox: readonly OutboxEntry[];
  /** The commit time of the oldest entry; absent if there is none. Indexed for the sweeper. */
  readonly outboxSince?: Date;
  /** Set on a tombstone: the aggregate is deleted, and its last event is not confirmed yet. */
  readonly deletedAt?: Date;
}

/** Adds the outbox to an aggregate's schema: its fields and the sparse index for the sweeper. */
export function addOutboxFields(schema: Schema): void {
  schema.add({
    seq: { type: Number, required: true },
    outbox: { type: [], required: true },
    outboxSince: Date,
    deletedAt: Date,
  });
  schema.index({ outboxSince: 1 }, { sparse: true });
}

import type { Schema } from 'mongoose';
import type { OutboxEntry } from './outbox-entry.ts';

/** The fields that an aggregate's document has besides its state. */
export interface OutboxDocument {
  readonly _id: string;
  /** Raised with each change: a writer that read an older one has lost the race. */
  readonly seq: number;
  readonly outbox: readonly OutboxEntry[];
  /** Since when the oldest entry waits; absent where none does. The sweeper's index. */
  readonly outboxSince?: Date;
  /** Set on a tombstone: the aggregate is gone, its last event is not confirmed yet. */
  readonly deletedAt?: Date;
}

/** Adds the outbox to an aggregate's schema: its fields, and the sparse index by which a sweeper finds it. */
export function addOutboxFields(schema: Schema): void {
  schema.add({
    seq: { type: Number, required: true },
    outbox: { type: [], required: true },
    outboxSince: Date,
    deletedAt: Date,
  });
  schema.index({ outboxSince: 1 }, { sparse: true });
}

import { addOutboxFields, type OutboxDocument } from '@plaza/messaging';
import { Schema, type Connection, type Model } from 'mongoose';
import type { Rejection, ReservationStatus } from '../domain/reservation.ts';

/** A reservation as MongoDB keeps it, under its order's id. It stays: its order may be cancelled long after. */
export interface ReservationDocument extends OutboxDocument {
  readonly status: ReservationStatus;
  readonly items: readonly { readonly postId: string; readonly quantity: number }[];
  readonly refusal?: Rejection;
  /** Since when it is on its way to the next status; absent while it is at rest. The recovery job's index. */
  readonly unfinishedSince?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ReservationModels {
  readonly reservations: Model<ReservationDocument>;
  /** The same model as the outbox knows it. */
  readonly outboxed: Model<OutboxDocument>;
}

export function reservationModels(mongo: Connection): ReservationModels {
  const schema = new Schema<ReservationDocument>(
    {
      _id: String,
      status: String,
      items: [{ _id: false, postId: String, quantity: Number }],
      refusal: Schema.Types.Mixed,
      unfinishedSince: Date,
      createdAt: Date,
      updatedAt: Date,
    },
    { versionKey: false },
  );
  addOutboxFields(schema);
  schema.index({ unfinishedSince: 1 }, { sparse: true });
  return {
    reservations: mongo.model<ReservationDocument>('Reservation', schema),
    outboxed: mongo.model<OutboxDocument>('Reservation'),
  };
}

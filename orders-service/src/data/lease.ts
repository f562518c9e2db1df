import { Schema, type Connection, type Model } from 'mongoose';
import type { Lease } from '../domain/sweep.ts';
import { insertedFirst } from '@plaza/service-kit/mongo';

export interface LeaseDocument {
  /** What it is a lease of. */
  readonly _id: string;
  readonly owner: string;
  readonly until: Date;
}

export function leaseModel(mongo: Connection): Model<LeaseDocument> {
  const schema = new Schema<LeaseDocument>(
    { _id: String, owner: String, until: Date },
    { versionKey: false },
  );
  return mongo.model<LeaseDocument>('Lease', schema);
}

export interface LeaseOptions {
  readonly model: Model<LeaseDocument>;
  readonly name: string;
  /** Tells this process from the other replicas. */
  readonly owner: string;
  /** Milliseconds after which another replica takes over from one that is silent. */
  readonly lastsMs: number;
  readonly now: () => Date;
}

/** A lease among all replicas that share the database; whoever holds it renews it by asking again. */
export function createLease({ model, name, owner, lastsMs, now }: LeaseOptions): Lease {
  return {
    hold: () => {
      const free = { _id: name, $or: [{ owner }, { until: { $lte: now() } }] };
      const until = new Date(now().getTime() + lastsMs);
      return insertedFirst(() => model.updateOne(free, { $set: { owner, until } }, { upsert: true }));
    },
  };
}

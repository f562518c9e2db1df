import { Schema, type Connection, type Model } from 'mongoose';
import type { DistributedLock } from '../domain/distributed-lock.ts';
import { insertIfAbsent } from '@plaza/service-kit/mongo';

export interface LockDocument {
  /** What it locks. */
  readonly _id: string;
  readonly owner: string;
  readonly until: Date;
}

export function lockModel(mongo: Connection): Model<LockDocument> {
  const schema = new Schema<LockDocument>({ _id: String, owner: String, until: Date }, { versionKey: false });
  return mongo.model<LockDocument>('Lease', schema);
}

export interface DistributedLockOptions {
  readonly model: Model<LockDocument>;
  readonly name: string;
  /** Tells this process from the other replicas. */
  readonly owner: string;
  /** Milliseconds after which another replica takes over from one that is silent. */
  readonly durationMs: number;
  readonly now: () => Date;
}

/** A lock among all replicas that share the database; its holder renews it by acquiring it again. */
export function createDistributedLock({
  model,
  name,
  owner,
  durationMs,
  now,
}: DistributedLockOptions): DistributedLock {
  return {
    acquire: () => {
      const free = { _id: name, $or: [{ owner }, { until: { $lte: now() } }] };
      const until = new Date(now().getTime() + durationMs);
      return insertIfAbsent(() => model.updateOne(free, { $set: { owner, until } }, { upsert: true }));
    },
  };
}

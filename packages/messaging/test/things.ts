import { addOutbox, createOutbox, type Outboxed, type OutboxOptions } from '@plaza/messaging';
import mongoose from 'mongoose';

interface Thing extends Outboxed {
  readonly name: string;
}

/** Aggregates of no meaning, with their outbox, in a collection of their own. */
export async function createThings(
  uri: string,
  collection: string,
  options: Partial<Omit<OutboxOptions, 'model'>> = {},
) {
  const connection = await mongoose.createConnection(uri, { bufferCommands: false }).asPromise();
  const schema = new mongoose.Schema<Thing>({ _id: String, name: String }, { collection });
  addOutbox(schema);
  const model = connection.model<Thing>(collection, schema);
  const outboxed = connection.model<Outboxed>(collection);
  await model.syncIndexes();
  return {
    /** Past Mongoose, for what only a crash leaves behind. */
    documents: connection.collection<Outboxed & { outboxLease?: object }>(collection),
    outboxed,
    outbox: createOutbox({ model: outboxed, ...options }),
    /** The document as the database has it. */
    read: (id: string) => model.findById(id).lean(),
    close: () => connection.close(),
  };
}

export type Things = Awaited<ReturnType<typeof createThings>>;

export const named = (eventType: string, name: string) => ({ eventType, data: { name } });

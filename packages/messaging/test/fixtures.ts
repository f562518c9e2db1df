import { addOutboxFields, createOutbox, type OutboxDocument, type OutboxOptions } from '@plaza/messaging';
import mongoose from 'mongoose';

interface TestAggregate extends OutboxDocument {
  readonly name: string;
}

/** Test aggregates with their outbox, in a collection of their own. */
export async function createTestAggregates(
  uri: string,
  collection: string,
  options: Partial<Omit<OutboxOptions, 'model'>> = {},
) {
  const connection = await mongoose.createConnection(uri, { bufferCommands: false }).asPromise();
  const schema = new mongoose.Schema<TestAggregate>({ _id: String, name: String }, { collection });
  addOutboxFields(schema);
  const model = connection.model<TestAggregate>(collection, schema);
  const outboxed = connection.model<OutboxDocument>(collection);
  await model.syncIndexes();
  return {
    /** The driver's collection, to create states that only a crash leaves behind. */
    documents: connection.collection<OutboxDocument & { outboxLease?: object }>(collection),
    outboxed,
    outbox: createOutbox({ model: outboxed, ...options }),
    /** The stored document. */
    read: (id: string) => model.findById(id).lean(),
    close: () => connection.close(),
  };
}

export type TestAggregates = Awaited<ReturnType<typeof createTestAggregates>>;

export const namedEvent = (eventType: string, name: string) => ({ eventType, data: { name } });

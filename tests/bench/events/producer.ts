import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { addOutboxFields, createBroker, createOutbox, type OutboxDocument } from '@plaza/messaging';
import amqp from 'amqplib';
import mongoose from 'mongoose';
import { EVENT, EXCHANGE, microsNow, RAW_QUEUE, type BenchJob } from './worker-protocol.ts';
import { requireEnv, createSilentChassis, serveJobs } from './worker-helpers.ts';

/** Commits documents with an event each, or publishes messages of the same size by amqplib alone. */
const chassis = createSilentChassis('bench-producer');
const connection = await mongoose.createConnection(requireEnv('MONGODB_URI')).asPromise();
const schema = new mongoose.Schema({ _id: String, name: String });
addOutboxFields(schema);
connection.model('Thing', schema);
const model = connection.model<OutboxDocument>('Thing');
await model.syncIndexes();
const outbox = createOutbox({ model });
createBroker({ url: requireEnv('RABBITMQ_URL'), service: chassis }).relay(outbox, { exchange: EXCHANGE });
await chassis.lifecycle.start();

const raw = await amqp.connect(requireEnv('RABBITMQ_URL'), { noDelay: true });
const channel = await raw.createConfirmChannel();

const createData = (turn: string, number: number) => ({ turn, number, name: 'a name of some length' });

/** Resolves with the time at which a client would get its response. */
async function commit(turn: string, number: number, events: readonly string[]): Promise<number> {
  const data = createData(turn, number);
  const happened = events.map((eventType) => ({ eventType, data }));
  await outbox.insert(`${turn}-${number}`, { name: data.name }, happened);
  return microsNow();
}

/** Resolves once the broker has confirmed, with the time of publishing. */
async function publish(turn: string, number: number): Promise<number> {
  const body = {
    eventId: randomUUID(),
    eventType: EVENT,
    timestamp: new Date().toISOString(),
    aggregateId: `${turn}-${number}`,
    seq: 1,
    source: 'bench-producer',
    correlationId: randomUUID(),
    schemaVersion: 1,
    data: createData(turn, number),
  };
  const at = microsNow();
  const properties = { persistent: true, mandatory: true, messageId: body.eventId };
  await new Promise<void>((resolve, reject) => {
    channel.publish('', RAW_QUEUE, Buffer.from(JSON.stringify(body)), properties, (error: unknown) =>
      error === null ? resolve() : reject(new Error('not confirmed', { cause: error })),
    );
  });
  return at;
}

const variants = {
  plaza: (turn: string, number: number) => commit(turn, number, [EVENT]),
  commit: (turn: string, number: number) => commit(turn, number, []),
  raw: publish,
};

serveJobs(async ({ way, turn, count, rate, atOnce }: BenchJob) => {
  const at: number[] = [];
  const one = async (number: number) => {
    at[number] = await variants[way](turn, number);
  };
  if (rate > 0) await runOpenLoop(count, rate, one);
  else await runClosedLoop(count, atOnce, one);
  return at;
});

/** Starts each at its due time, without waiting for the ones before it. */
async function runOpenLoop(
  count: number,
  rate: number,
  one: (number: number) => Promise<void>,
): Promise<void> {
  const begun: Promise<void>[] = [];
  const start = performance.now();
  for (let number = 0; number < count; number += 1) {
    const due = start + (number * 1_000) / rate - performance.now();
    if (due > 0) await wait(due);
    begun.push(one(number));
  }
  await Promise.all(begun);
}

async function runClosedLoop(count: number, atOnce: number, one: (number: number) => Promise<void>) {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await one(next++);
    }),
  );
}

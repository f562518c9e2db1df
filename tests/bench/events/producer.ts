import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { addOutbox, createBroker, createOutbox, type Outboxed } from '@plaza/messaging';
import amqp from 'amqplib';
import mongoose from 'mongoose';
import { EVENT, EXCHANGE, microsNow, RAW_QUEUE, type Order } from './messages.ts';
import { given, quietChassis, serve } from './serve.ts';

/** Commits documents with an event each; or publishes messages of the same size without any of our code. */
const chassis = quietChassis('bench-producer');
const connection = await mongoose.createConnection(given('MONGODB_URI')).asPromise();
const schema = new mongoose.Schema({ _id: String, name: String });
addOutbox(schema);
connection.model('Thing', schema);
const model = connection.model<Outboxed>('Thing');
await model.syncIndexes();
const outbox = createOutbox({ model });
createBroker({ url: given('RABBITMQ_URL'), service: chassis }).relay(outbox, { exchange: EXCHANGE });
await chassis.lifecycle.start();

const raw = await amqp.connect(given('RABBITMQ_URL'), { noDelay: true });
const channel = await raw.createConfirmChannel();

const dataOf = (turn: string, number: number) => ({ turn, number, name: 'a name of some length' });

/** Resolves with the time at which a client would have its answer. */
async function commit(turn: string, number: number, events: readonly string[]): Promise<number> {
  const data = dataOf(turn, number);
  const happened = events.map((eventType) => ({ eventType, data }));
  await outbox.insert(`${turn}-${number}`, { name: data.name }, happened);
  return microsNow();
}

/** Resolves with the time of publishing, when it is confirmed. */
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
    data: dataOf(turn, number),
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

const ways = {
  plaza: (turn: string, number: number) => commit(turn, number, [EVENT]),
  commit: (turn: string, number: number) => commit(turn, number, []),
  raw: publish,
};

serve(async ({ way, turn, count, rate, atOnce }: Order) => {
  const at: number[] = [];
  const one = async (number: number) => {
    at[number] = await ways[way](turn, number);
  };
  if (rate > 0) await atRate(count, rate, one);
  else await asFastAsItGoes(count, atOnce, one);
  return at;
});

/** Begins each at its time, however the others are doing. */
async function atRate(count: number, rate: number, one: (number: number) => Promise<void>): Promise<void> {
  const begun: Promise<void>[] = [];
  const start = performance.now();
  for (let number = 0; number < count; number += 1) {
    const due = start + (number * 1_000) / rate - performance.now();
    if (due > 0) await wait(due);
    begun.push(one(number));
  }
  await Promise.all(begun);
}

async function asFastAsItGoes(count: number, atOnce: number, one: (number: number) => Promise<void>) {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await one(next++);
    }),
  );
}

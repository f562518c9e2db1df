import { createBroker, on } from '@plaza/messaging';
import amqp from 'amqplib';
import mongoose from 'mongoose';
import { z } from 'zod';
import {
  EVENT,
  EXCHANGE,
  microsNow,
  RAW_QUEUE,
  type BenchJob,
  type BenchVariant,
} from './worker-protocol.ts';
import { requireEnv, createSilentChassis, serveJobs } from './worker-helpers.ts';

/** Handles each event with one conditional write, or consumes messages by amqplib alone, without a write. */
const data = z.object({ turn: z.string(), number: z.int(), name: z.string() });

/** When each event of one turn arrived. Events may arrive before the job that waits for them. */
function createTimingLog() {
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const at: number[] = [];
  let expected = Number.POSITIVE_INFINITY;
  let noted = 0;
  const check = () => (noted >= expected ? resolve() : undefined);
  return {
    note: (number: number) => {
      if (at[number] === undefined) noted += 1;
      at[number] ??= microsNow();
      check();
    },
    until: async (count: number) => {
      expected = count;
      check();
      await all;
      return at;
    },
  };
}

const timingLogs = new Map<string, ReturnType<typeof createTimingLog>>();
function getTimingLog(way: BenchVariant, turn: string) {
  const log = timingLogs.get(`${way} ${turn}`) ?? createTimingLog();
  timingLogs.set(`${way} ${turn}`, log);
  return log;
}

const connection = await mongoose.createConnection(requireEnv('MONGODB_URI')).asPromise();
const copies = connection.collection<{ _id: string; seq: number; name: string }>('copies');
const chassis = createSilentChassis('bench-consumer');
createBroker({ url: requireEnv('RABBITMQ_URL'), service: chassis }).consume({
  exchange: EXCHANGE,
  prefetch: 50,
  events: {
    [EVENT]: on(data, async ({ aggregateId, seq, data: { turn, number, name } }) => {
      await copies.updateOne(
        { _id: aggregateId, seq: { $lt: seq } },
        { $set: { seq, name } },
        { upsert: true },
      );
      getTimingLog('plaza', turn).note(number);
    }),
  },
});
await chassis.lifecycle.start();

const raw = await amqp.connect(requireEnv('RABBITMQ_URL'), { noDelay: true });
const channel = await raw.createChannel();
await channel.assertQueue(RAW_QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
await channel.prefetch(50);
await channel.consume(RAW_QUEUE, (message) => {
  if (message === null) return;
  const body = z.object({ data }).parse(JSON.parse(message.content.toString()));
  getTimingLog('raw', body.data.turn).note(body.data.number);
  channel.ack(message);
});

serveJobs(({ way, turn, count }: BenchJob) => getTimingLog(way, turn).until(count));

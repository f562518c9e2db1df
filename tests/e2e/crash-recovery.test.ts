import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { startRabbit, type PrivateServer } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import { z } from 'zod';
import { countDeadLetters } from './dead-letters.ts';
import { eventually } from './eventually.ts';
import { startTestSystem, countUnsentEvents, type StatefulService, type TestSystem } from './test-system.ts';
import { registerTestUser, getStock, type TestUser, type PlacedOrder } from './test-user.ts';
import { recordEvents, type RecordedEvent, type EventRecorder } from './event-recorder.ts';
import { checkOut, retryUntilStatus, type Purchase } from './checkout.ts';

const BUYERS = 10;
/** The services to kill, each in the middle of its own round. */
const KILLED = ['users-service', 'posts-service', 'orders-service'] as const;
/** One round per killed service, one while the broker stops, one while it is away: 200 checkouts in all. */
const ROUNDS = KILLED.length + 2;
/** Checkouts of each buyer in a round, in sequence. */
const EACH = 4;
const CHECKOUTS = ROUNDS * BUYERS * EACH;
/** More units than the test can sell, so that the remaining stock shows the sold quantity. */
const PIECES = 500;
/** Milliseconds of the broker's outage, besides its stop and start of ten to thirty seconds. */
const OUTAGE_MS = 20_000;

let rabbit: PrivateServer & { url: string };
let system: TestSystem;
let recorder: EventRecorder;
let seller: TestUser;
let buyers: TestUser[];
let post: string;
const purchases: Purchase[] = [];
let unsentDuringOutage: Record<string, number>;

beforeAll(async () => {
  rabbit = await startRabbit();
  recorder = await recordEvents(rabbit.url);
  system = await startTestSystem(rabbit.url);
  seller = await registerTestUser(system.gateway, 'seller');
  const names = Array.from({ length: BUYERS }, (_, number) => `buyer${number}`);
  buyers = await Promise.all(names.map((name) => registerTestUser(system.gateway, name)));
  post = await seller.createOffer('A brick', PIECES);
}, 180_000);

/** A round: all buyers at once. `inTheMiddle` begins after the first response. */
async function runCheckoutRound(inTheMiddle: () => Promise<void>): Promise<void> {
  await Promise.all(
    buyers.map(async (buyer, index) => {
      await runCheckouts(buyer, 1);
      const meanwhile = index === 0 ? inTheMiddle() : undefined;
      await runCheckouts(buyer, EACH - 1);
      await meanwhile;
    }),
  );
}

async function runCheckouts(buyer: TestUser, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const number = purchases.filter((purchase) => purchase.buyer === buyer).length;
    const token = number % 5 === 4 ? 'tok_declined' : 'tok_ok';
    purchases.push(await checkOut(buyer, post, { key: `${buyer.username}-${number}`, token }));
  }
}

async function killAndRestart(name: StatefulService): Promise<void> {
  const service = system.stack.service(name);
  await service.kill();
  await service.start();
}

/** The seller's changes: the post, and their own name. */
async function updateSeller(): Promise<void> {
  await retryUntilStatus(200, () =>
    seller.request('PATCH', `/api/users/${seller.id}`, { body: { name: 'Renamed' } }),
  );
  await retryUntilStatus(200, () =>
    seller.request('PATCH', `/api/posts/${post}`, { body: { title: 'A red brick' } }),
  );
}

/** All events that the broker received, without repeats. */
async function getDistinctEvents(): Promise<RecordedEvent[]> {
  return [...new Map((await recorder.events()).map((event) => [event.eventId, event])).values()];
}

describe('after a kill of each service and an outage of the broker during checkouts', () => {
  let orders: PlacedOrder[];

  beforeAll(async () => {
    for (const name of KILLED) await runCheckoutRound(() => killAndRestart(name));
    await runCheckoutRound(() => rabbit.stop());
    await Promise.all([runCheckoutRound(updateSeller), wait(OUTAGE_MS)]);
    unsentDuringOutage = await countUnsentEvents(system.databases['orders-service']);
    await rabbit.start();
    orders = await Promise.all(purchases.map(({ buyer, orderId }) => buyer.waitUntilSettled(orderId)));
    await eventually(async () => {
      for (const uri of Object.values(system.databases)) expect(await countUnsentEvents(uri)).toEqual({});
    }, 60_000);
  }, 240_000);

  test('every checkout is one order, and there are no others', async () => {
    expect(new Set(orders.map(({ id }) => id)).size).toBe(CHECKOUTS);
    const database = await mongoose.createConnection(system.databases['orders-service']).asPromise();
    try {
      expect(await database.collection('orders').countDocuments()).toBe(CHECKOUTS);
    } finally {
      await database.close();
    }
  });

  test('no order is pending', () => {
    expect(orders.filter(({ status }) => status === 'pending')).toEqual([]);
  });

  test('events of orders without a broker waited in the database', () => {
    expect(unsentDuringOutage['orders']).toBeGreaterThanOrEqual(BUYERS * EACH);
  });

  test('remaining and sold units add up to the initial stock', async () => {
    const sold = orders.filter(({ status }) => status === 'confirmed').length;
    expect(sold).toBeGreaterThan(0);
    await eventually(async () => expect((await getStock(system.gateway, post)) + sold).toBe(PIECES));
  });

  test('no step of an order happened twice', () => {
    const repeated = orders.filter(({ timeline }) => {
      const steps = timeline.map(({ event }) => event);
      return new Set(steps).size < steps.length;
    });
    expect(repeated).toEqual([]);
  });

  test('every order has one event for each step', async () => {
    const events = Map.groupBy(await getDistinctEvents(), ({ aggregateId }) => aggregateId);
    const wrong = orders.flatMap(({ id, status }) => {
      const seen = (events.get(id) ?? []).map(({ eventType }) => eventType).sort();
      const isRight = (EXPECTED_EVENTS[status] ?? []).some((end) => end.join() === seen.join());
      return isRight ? [] : [{ id, status, seen }];
    });
    expect(wrong).toEqual([]);
  });

  test('a repeated event is identical', async () => {
    const copies = Map.groupBy(await recorder.events(), ({ eventId }) => eventId);
    for (const [first, ...others] of copies.values())
      for (const other of others) expect(other).toEqual(first);
  });

  test('no message was dead-lettered', async () => {
    expect(await countDeadLetters(rabbit.url)).toEqual({});
  });

  test('changes during the outage of the broker have arrived', async () => {
    const seen = z.looseObject({ title: z.string(), author: z.looseObject({ name: z.string() }) });
    await eventually(async () => {
      const { body } = await system.gateway('GET', `/api/posts/${post}`);
      expect(seen.parse(body)).toMatchObject({ title: 'A red brick', author: { name: 'Renamed' } });
    });
  });
});

/** The events of an order by its final status, in alphabetical order; a cancelled one may have reached any step. */
const EXPECTED_EVENTS: Partial<Record<PlacedOrder['status'], readonly (readonly string[])[]>> = {
  confirmed: [['order.confirmed', 'order.created', 'payment.processed', 'stock.reserved']],
  rejected: [['order.created', 'order.rejected', 'payment.failed', 'stock.released', 'stock.reserved']],
};

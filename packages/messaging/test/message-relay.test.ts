import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  eventually,
  testMongo,
  testRabbit,
  startFaultProxy,
  type FaultProxy,
} from '@plaza/local-stack/testing';
import { withContext } from '@plaza/service-kit';
import { createOutbox, type BrokerOptions, type CommitListener, type Outbox } from '@plaza/messaging';
import { captureEvents, type CapturedEvent } from './captured-events.ts';
import { createTestService } from './test-service.ts';
import { createTestAggregates, namedEvent, type TestAggregates } from './fixtures.ts';

const EXCHANGE = 'thing_events';

let uri: string;
let proxy: FaultProxy;
let listener: Awaited<ReturnType<typeof captureEvents>>;
let seen: readonly CapturedEvent[];
let things: TestAggregates;
let count = 0;

beforeAll(async () => {
  ({ uri } = await testMongo());
  const { url } = await testRabbit();
  proxy = await startFaultProxy(url);
  listener = await captureEvents(url, EXCHANGE);
  ({ seen } = listener);
}, 120_000);

beforeEach(async () => {
  listener.seen.length = 0;
  things = await createTestAggregates(uri, `things${(count += 1)}`);
});

afterEach(async () => {
  proxy.resume();
  await things.close();
});

afterAll(async () => {
  await listener.close();
  await proxy.close();
});

/** A replica of a service that publishes the events. */
const replica = (outbox: Outbox = things.outbox, timing: BrokerOptions['timing'] = {}) =>
  createTestService('thing-service', proxy.url, (broker) => broker.relay(outbox, { exchange: EXCHANGE }), {
    timing,
  });

/** A replica that soon takes over entries that others have left behind. */
const heir = () => replica(things.outbox, { graceMs: 400 });

const names = () => seen.map(({ envelope }) => envelope.data);
const seqs = () => seen.map(({ envelope }) => envelope.seq);

describe('after a commit', () => {
  test('the event is published with the course’s body and the fields for duplicates, order and causes', async () => {
    await replica().start();
    const context = { requestId: 'request-1', causationId: 'event-0', traceparent: '00-aa-bb-01' };
    await withContext(context, () =>
      things.outbox.insert('t1', { name: 'one' }, [namedEvent('thing.made', 'one')]),
    );
    await eventually(() => expect(seen).toHaveLength(1));
    const [first] = seen;
    expect(first?.envelope).toEqual({
      eventId: expect.any(String),
      eventType: 'thing.made',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      aggregateId: 't1',
      seq: 1,
      source: 'thing-service',
      correlationId: 'request-1',
      causationId: 'event-0',
      schemaVersion: 1,
      data: { name: 'one' },
    });
    expect(first?.message.fields).toMatchObject({ exchange: EXCHANGE, routingKey: 'thing.made' });
    expect(first?.message.properties).toMatchObject({
      messageId: first?.envelope.eventId,
      correlationId: 'request-1',
      type: 'thing.made',
      appId: 'thing-service',
      contentType: 'application/json',
      deliveryMode: 2,
      timestamp: Math.floor(Date.parse(first?.envelope.timestamp ?? '') / 1000),
      headers: { traceparent: '00-aa-bb-01' },
    });
  });

  test('the outbox is empty once the broker has confirmed', async () => {
    await replica().start();
    await things.outbox.insert('t1', { name: 'one' }, [namedEvent('thing.made', 'one')]);
    await eventually(async () =>
      expect(await things.read('t1')).toEqual({ _id: 't1', __v: 0, name: 'one', seq: 1, outbox: [] }),
    );
  });

  test('an event is published with the version of its data if it is not the first', async () => {
    const [outboxed] = [
      await createTestAggregates(uri, 'versioned', { schemaVersions: { 'thing.made': 3 } }),
    ];
    await replica(outboxed.outbox).start();
    await outboxed.outbox.insert('t1', {}, [
      namedEvent('thing.made', 'one'),
      namedEvent('thing.other', 'one'),
    ]);
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen.map(({ envelope }) => envelope.schemaVersion)).toEqual([3, 1]);
    await outboxed.close();
  });

  test('the events of each aggregate are published once and in order while many change concurrently', async () => {
    await replica().start();
    const ids = Array.from({ length: 20 }, (_, index) => `t${index}`);
    await Promise.all(
      ids.map(async (id) => {
        await things.outbox.insert(id, {}, [namedEvent('thing.made', '0')]);
        for (let seq = 1; seq < 15; seq += 1)
          await things.outbox.save({ id, seq }, {}, [namedEvent('thing.named', String(seq))]);
      }),
    );
    await eventually(() => expect(seen).toHaveLength(20 * 15));
    for (const id of ids) {
      const ofOne = seen.filter(({ envelope }) => envelope.aggregateId === id);
      expect(ofOne.map(({ envelope }) => envelope.seq)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    }
    await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
  });

  test('events of one aggregate that three replicas change are published once and in order', async () => {
    const replicas = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const outbox = createOutbox({ model: await outboxedModel() });
        await replica(outbox).start();
        return outbox;
      }),
    );
    await things.outbox.insert('t1', {}, []);
    await Promise.all(replicas.map((outbox) => change(outbox, 't1', 40)));
    await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(120));
    expect(seqs()).toEqual(Array.from({ length: 120 }, (_, index) => index + 2));
  });

  test('an event without a bound queue leaves the outbox, is counted and logged', async () => {
    const service = createTestService('lonely-service', proxy.url, (broker) =>
      broker.relay(things.outbox, { exchange: 'lonely_events' }),
    );
    await service.start();
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', 'one')]);
    await eventually(async () => expect((await things.read('t1'))?.outbox).toEqual([]));
    const labels = '{exchange="lonely_events",event_type="thing.made"}';
    expect(await service.metric(`messaging_published_total${labels}`)).toBe(1);
    expect(await service.metric(`messaging_confirmed_total${labels}`)).toBe(1);
    expect(await service.metric(`messaging_returned_total${labels}`)).toBe(1);
    expect(service.log).toContainEqual(
      expect.objectContaining({ event: 'event_unroutable', event_type: 'thing.made' }),
    );
  });
});

describe('a tombstone', () => {
  const bury = (id: string) =>
    things.outbox.save({ id, seq: 1 }, { set: { deletedAt: new Date() }, unset: ['name'] }, [
      namedEvent('thing.deleted', id),
    ]);

  test('is deleted when its last event is confirmed', async () => {
    await replica().start();
    await things.outbox.insert('t1', { name: 'one' }, [namedEvent('thing.made', 'one')]);
    await bury('t1');
    await eventually(async () => expect(await things.read('t1')).toBeNull());
    expect(seqs()).toEqual([1, 2]);
  });

  test('stays while the broker has not confirmed it', async () => {
    await things.outbox.insert('t1', { name: 'one' }, [namedEvent('thing.made', 'one')]);
    await bury('t1');
    expect(await things.read('t1')).toMatchObject({ seq: 2, outbox: [{ seq: 1 }, { seq: 2 }] });
  });

  test('that a crash left without events is found and deleted', async () => {
    await things.documents.insertOne({
      _id: 't1',
      seq: 2,
      outbox: [],
      deletedAt: new Date(),
      outboxSince: new Date(Date.now() - 60_000),
    });
    await replica().start();
    await eventually(async () => expect(await things.read('t1')).toBeNull());
  });
});

describe('an entry that was left behind', () => {
  test('is published when a service starts', async () => {
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', 'a'), namedEvent('thing.named', 'b')]);
    await replica().start();
    await eventually(() => expect(names()).toEqual([{ name: 'a' }, { name: 'b' }]));
  });

  test('is published by another replica after a crash of the one that committed it', async () => {
    await heir().start();
    await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
    const dead = createOutbox({ model: await outboxedModel() }); // nothing relays it
    await dead.insert('t1', {}, [namedEvent('thing.made', 'a')]);
    await eventually(() => expect(seqs()).toEqual([1]));
  });

  test('is published again with the same id after a crash between confirm and removal', async () => {
    const first = await replica().start();
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', 'a')]);
    await eventually(() => expect(seen).toHaveLength(1));
    await first.stop();
    const entry = seen[0]?.envelope;
    await things.documents.updateOne(
      { _id: 't1' },
      {
        $set: {
          outboxSince: new Date(0),
          outbox: [
            {
              eventId: entry?.eventId ?? '',
              eventType: 'thing.made',
              seq: 1,
              occurredAt: new Date(0),
              data: {},
              context: { correlationId: 'c' },
            },
          ],
        },
      },
    );
    await replica().start();
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen[1]?.envelope.eventId).toBe(entry?.eventId);
    await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
  });

  test('is published by one of several replicas that start together', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `t${index}`);
    await Promise.all(ids.map((id) => things.outbox.insert(id, {}, [namedEvent('thing.made', id)])));
    const others = await Promise.all([outboxedModel(), outboxedModel(), outboxedModel()]);
    await Promise.all(others.map((model) => replica(createOutbox({ model })).start()));
    await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
    await eventually(() => expect(new Set(seen.map(({ envelope }) => envelope.aggregateId)).size).toBe(300));
    expect(seen).toHaveLength(300);
  });

  test('is taken over after a crash of the replica that claimed it', async () => {
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', 'a')]);
    await things.documents.updateOne(
      { _id: 't1' },
      { $set: { outboxLease: { owner: 'dead', until: new Date(Date.now() + 500) } } },
    );
    await heir().start();
    expect(seen).toHaveLength(0);
    await eventually(() => expect(seqs()).toEqual([1]));
  });

  test('is published once, even if the commit listener is called while a sweep publishes it', async () => {
    let hear: CommitListener = () => undefined;
    await replica(
      { ...things.outbox, onCommitted: (listener) => void (hear = listener) },
      { graceMs: 100 },
    ).start();
    proxy.stall();
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', 'a')]);
    const entries = (await things.read('t1'))?.outbox;
    await eventually(() => expect(seqs()).toEqual([1]));
    hear('t1', entries);
    proxy.resume();
    await eventually(async () => expect((await things.read('t1'))?.outbox).toEqual([]));
    await things.outbox.save({ id: 't1', seq: 1 }, {}, [namedEvent('thing.named', 'b')]);
    await eventually(() => expect(seqs()).toContain(2));
    expect(seqs()).toEqual([1, 2]);
  });

  test('is published before the event of a later change', async () => {
    const committer = createOutbox({ model: await outboxedModel() });
    await committer.insert('t1', {}, [namedEvent('thing.made', 'a')]);
    await committer.save({ id: 't1', seq: 1 }, {}, [namedEvent('thing.named', 'b')]);
    await replica().start();
    await eventually(() => expect(seqs()).toEqual([1, 2]));
  });
});

describe('while the broker is away', () => {
  test('commits continue, and their events follow in order after its return', async () => {
    const service = await replica().start();
    await proxy.refuseConnections();
    await eventually(() => expect(service.log).toContainEqual(expect.objectContaining({ level: 'warn' })));
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', '1')]);
    for (let seq = 1; seq < 30; seq += 1)
      await things.outbox.save({ id: 't1', seq }, {}, [namedEvent('thing.named', String(seq + 1))]);
    expect(seen).toHaveLength(0);
    await proxy.acceptConnections();
    await eventually(() => expect(seqs()).toEqual(Array.from({ length: 30 }, (_, index) => index + 1)));
  });

  test('events committed at the moment of its return are published once', async () => {
    const service = await replica().start();
    await proxy.refuseConnections();
    await eventually(() => expect(service.log).toContainEqual(expect.objectContaining({ level: 'warn' })));
    const back = () => service.log.some(({ event }) => event === 'rabbitmq_restored');
    const commits = Array.from({ length: 10 }, async (_, lane) => {
      let number = 0;
      for (let after = 0; after < 10; after += back() ? 1 : 0)
        await things.outbox.insert(`t${lane}-${(number += 1)}`, {}, [namedEvent('thing.made', 'one')]);
      return number;
    });
    await proxy.acceptConnections();
    const total = (await Promise.all(commits)).reduce((sum, number) => sum + number, 0);
    await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
    await eventually(() => expect(new Set(seen.map(({ envelope }) => envelope.eventId)).size).toBe(total));
    expect(seen).toHaveLength(total);
  });

  test('the depth of the outbox and the age of its oldest event are measured', async () => {
    const service = createTestService('thing-service', proxy.url, (broker) =>
      broker.relay(things.outbox, { exchange: EXCHANGE }),
    );
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', '1'), namedEvent('thing.named', '2')]);
    await things.documents.updateMany({}, { $set: { outboxSince: new Date(Date.now() - 60_000) } });
    const { collectionName } = things.documents;
    expect(await service.metric(`messaging_outbox_depth{outbox="${collectionName}"}`)).toBe(2);
    const age = await service.metric(`messaging_outbox_oldest_seconds{outbox="${collectionName}"}`);
    expect(age).toBeGreaterThan(59);
    expect(age).toBeLessThan(90);
  });

  test('events without a confirm are sent again on another channel', async () => {
    const service = await replica(things.outbox, { confirmTimeoutMs: 1_000 }).start();
    await things.outbox.insert('t0', {}, [namedEvent('thing.named', '0')]);
    await eventually(() => expect(seqs()).toEqual([1]));
    proxy.stall();
    await things.outbox.insert('t1', {}, [namedEvent('thing.made', '1')]);
    const sample = `messaging_unconfirmed_total{exchange="${EXCHANGE}",event_type="thing.made"}`;
    await eventually(async () => expect(await service.metric(sample)).toBe(1));
    expect((await things.read('t1'))?.outbox).toHaveLength(1);
    proxy.resume();
    await eventually(async () => expect((await things.read('t1'))?.outbox).toHaveLength(0));
  });
});

test('events beyond the concurrency limit follow as soon as there is room', async () => {
  await replica(things.outbox, { confirmTimeoutMs: 20_000 }).start();
  proxy.stall();
  const ids = Array.from({ length: 2_100 }, (_, index) => `t${index}`);
  await Promise.all(ids.map((id) => things.outbox.insert(id, {}, [namedEvent('thing.made', id)])));
  proxy.resume();
  await eventually(async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }));
  await eventually(() => expect(seen).toHaveLength(2_100));
});

describe('a stop', () => {
  test('publishes the committed events before it ends', async () => {
    const service = await replica().start();
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        things.outbox.insert(`t${index}`, {}, [namedEvent('thing.made', String(index))]),
      ),
    );
    expect(await service.stop()).toBe(true);
    expect(await things.outbox.store.stats()).toEqual({ depth: 0 });
    await eventually(() => expect(seen).toHaveLength(100));
  });
});

/** Commits changes with one event each, in competition with other writers. */
async function change(outbox: Outbox, id: string, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const seq = (await things.read(id))?.seq ?? 0;
    if (await outbox.save({ id, seq }, {}, [namedEvent('thing.named', String(seq))])) done += 1;
  }
}

/** The same collection in another process. */
async function outboxedModel() {
  const other = await createTestAggregates(uri, `things${count}`);
  opened.push(other);
  return other.outboxed;
}

const opened: TestAggregates[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((other) => other.close()));
});

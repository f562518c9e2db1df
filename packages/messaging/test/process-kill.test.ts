import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { eventually, testMongo, testRabbit } from '@plaza/local-stack/testing';
import type { Broker } from '@plaza/messaging';
import { captureEvents } from './captured-events.ts';
import { createTestService } from './test-service.ts';
import { createTestAggregates } from './fixtures.ts';

const KILLS = 5;
const COMMITS_BEFORE = 60;

/** Runs the service until it has made this many commits, then kills it at once, whatever it is doing. */
async function runAndKill(env: Readonly<Record<string, string>>, commits: number) {
  const child = fork(join(import.meta.dirname, 'fixtures/committing-service.ts'), {
    execArgv: ['--conditions=source'],
    env: { ...process.env, ...env, LOG_LEVEL: 'error' },
  });
  let count = 0;
  child.on('message', () => {
    if ((count += 1) === commits) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}

test('whenever a service is killed, all committed events are published, in order, and no others', async () => {
  const { url } = await testRabbit();
  const { uri } = await testMongo();
  const { seen, close } = await captureEvents(url, 'killed_events');
  for (let kill = 0; kill < KILLS; kill += 1)
    await runAndKill({ RABBITMQ_URL: url, MONGODB_URI: uri }, COMMITS_BEFORE + kill * 7);

  const things = await createTestAggregates(uri, 'things');
  const declare = (broker: Broker) => broker.relay(things.outbox, { exchange: 'killed_events' });
  await createTestService('heir', url, declare, { timing: { graceMs: 400 } }).start();
  await eventually(
    async () => expect(await things.outbox.store.stats()).toEqual({ depth: 0 }),
    20_000, // what the last to die had leased waits for the end of the lease
  );
  const committed = await things.documents.find().toArray();
  const total = committed.reduce((sum, { seq }) => sum + seq, 0);
  expect(total).toBeGreaterThan(KILLS * COMMITS_BEFORE);
  await eventually(() =>
    expect(new Set(seen.map(({ envelope }) => envelope.eventId)).size).toBeGreaterThanOrEqual(total),
  );
  for (const { _id: id, seq } of committed) {
    const seqs = seen
      .filter(({ envelope }) => envelope.aggregateId === id)
      .map(({ envelope }) => envelope.seq);
    const first = [...new Set(seqs)]; // a repeat after a kill may follow
    expect(first).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
  }
  await Promise.all([close(), things.close()]);
}, 120_000);

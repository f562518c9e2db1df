import { describe, expect, test } from '@jest/globals';
import { createBulkhead } from '@plaza/resilience';
import { fixture, succeed } from './fixture.ts';

describe('a bulkhead', () => {
  test('runs up to its limit, queues up to its queue, and refuses the rest', async () => {
    const { metrics, exposed } = fixture();
    const bulkhead = createBulkhead({ name: 'there', metrics, limit: 2, queue: 1 });
    const gate = Promise.withResolvers<string>();
    let started = 0;
    const work = () => {
      started += 1;
      return gate.promise;
    };
    const accepted = [bulkhead.run(work), bulkhead.run(work), bulkhead.run(work)];
    await expect(bulkhead.run(work)).rejects.toMatchObject({ code: 'bulkhead_full' });
    expect(started).toBe(2);
    expect(await exposed()).toMatch(
      /bulkhead_active\{name="there".*\} 2\n[^]*bulkhead_queued\{name="there".*\} 1\n/,
    );
    gate.resolve('done');
    await expect(Promise.all(accepted)).resolves.toEqual(['done', 'done', 'done']);
    await expect(bulkhead.run(succeed)).resolves.toBe('fine');
    expect(await exposed()).toMatch(/bulkhead_active\{name="there".*\} 0\n/);
  });

  test('refuses who has waited too long for a place, and never begins that call', async () => {
    const { metrics } = fixture();
    const bulkhead = createBulkhead({ name: 'there', metrics, limit: 1, queue: 1, queueTimeoutMs: 20 });
    const gate = Promise.withResolvers<string>();
    const first = bulkhead.run(() => gate.promise);
    const begun: string[] = [];
    const second = bulkhead.run(async () => begun.push('second'));
    await expect(second).rejects.toMatchObject({ code: 'bulkhead_full', details: { retryAfter: 1 } });
    gate.resolve('done');
    await expect(first).resolves.toBe('done');
    await expect(bulkhead.run(succeed)).resolves.toBe('fine');
    expect(begun).toEqual([]);
    expect(bulkhead.occupancy()).toEqual({ active: 0, queued: 0 });
  });

  test('gives a place to who has waited for less than that', async () => {
    const { metrics } = fixture();
    const bulkhead = createBulkhead({ name: 'there', metrics, limit: 1, queue: 1, queueTimeoutMs: 10_000 });
    const gate = Promise.withResolvers<string>();
    const first = bulkhead.run(() => gate.promise);
    const second = bulkhead.run(succeed);
    gate.resolve('done');
    await expect(Promise.all([first, second])).resolves.toEqual(['done', 'fine']);
  });

  test('tells whom it refuses, with how full it is', async () => {
    const { metrics } = fixture();
    const bulkhead = createBulkhead({ name: 'there', metrics, limit: 1, queue: 1 });
    const gate = Promise.withResolvers<void>();
    const refused: object[] = [];
    bulkhead.onReject((occupancy) => refused.push(occupancy));
    const accepted = [bulkhead.run(() => gate.promise), bulkhead.run(() => gate.promise)];
    expect(bulkhead.occupancy()).toEqual({ active: 1, queued: 1 });
    await expect(bulkhead.run(succeed)).rejects.toMatchObject({ details: { retryAfter: 1 } });
    expect(refused).toEqual([{ active: 1, queued: 1 }]);
    gate.resolve();
    await Promise.all(accepted);
    expect(bulkhead.occupancy()).toEqual({ active: 0, queued: 0 });
  });
});

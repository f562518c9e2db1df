import { describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import { createBatchQueue, type BatchQueueOptions } from '../../src/plugins/http-log/queue.ts';

/** A queue whose `send` the test provides. */
function queueWith(send: BatchQueueOptions['send'], options: Partial<BatchQueueOptions> = {}) {
  const lost: [entries: number, reason: string][] = [];
  const sent: string[][] = [];
  const queue = createBatchQueue({
    maxBatchSize: 2,
    maxCoalescingDelayMs: 3_600_000,
    maxEntries: 100,
    maxBytes: 1_000,
    initialRetryDelayMs: 1,
    maxRetryDelayMs: 1,
    maxRetryTimeMs: 60_000,
    closeTimeoutMs: 60_000,
    now: Date.now,
    onDropped: (entries, reason) => void lost.push([entries, reason]),
    send: (batch, signal) => {
      sent.push([...batch]);
      return send(batch, signal);
    },
    ...options,
  });
  return { queue, sent, lost };
}

const never = (_batch: readonly string[], signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });

const fails = () => Promise.reject(new Error('it answers 503'));

describe('a queue of log entries', () => {
  test('sends what makes a batch at once, and the rest when it closes', async () => {
    const { queue, sent } = queueWith(async () => undefined);
    for (const entry of ['1', '2', '3']) queue.add(entry);
    await eventually(() => expect(sent).toEqual([['1', '2']]));
    await queue.close();
    expect(sent).toEqual([['1', '2'], ['3']]);
  });

  test.each<[string, Partial<BatchQueueOptions>]>([
    ['entries', { maxEntries: 2 }],
    ['bytes', { maxBytes: 2 }],
  ])('lets the oldest go where too many %s wait', async (_of, options) => {
    const { queue, sent, lost } = queueWith(async () => undefined, { maxBatchSize: 10, ...options });
    for (const entry of ['1', '2', '3', '4']) queue.add(entry);
    await queue.close();
    expect(sent).toEqual([['3', '4']]);
    expect(lost).toEqual([
      [1, 'too many wait'],
      [1, 'too many wait'],
    ]);
  });

  test('gives a batch up in time and goes on with the next', async () => {
    let now = 0;
    const { queue, sent, lost } = queueWith(
      async (batch) => {
        now += 50;
        if (batch[0] === '1') await fails();
      },
      { maxRetryTimeMs: 120, now: () => now },
    );
    for (const entry of ['1', '2', '3', '4']) queue.add(entry);
    await eventually(() => expect(sent.at(-1)).toEqual(['3', '4']));
    expect(sent.slice(0, -1)).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
    ]);
    expect(lost).toEqual([[2, 'it answers 503']]);
  });

  test('lets all go after one vain try when it closes', async () => {
    const { queue, sent, lost } = queueWith(fails, { maxBatchSize: 10 });
    for (let entry = 0; entry < 25; entry += 1) queue.add(String(entry));
    await queue.close();
    expect(sent.map((batch) => batch[0])).toEqual(expect.not.arrayContaining(['10', '20']));
    expect(lost).toEqual([
      [10, 'it answers 503'],
      [15, 'the endpoint fails and the gateway stops'],
    ]);
  });

  test('closes in time if the endpoint does not answer', async () => {
    const { queue, lost } = queueWith(never, { closeTimeoutMs: 20 });
    for (const entry of ['1', '2', '3']) queue.add(entry);
    await queue.close();
    expect(lost).toEqual([
      [2, 'aborted'],
      [1, 'the endpoint fails and the gateway stops'],
    ]);
  });
});

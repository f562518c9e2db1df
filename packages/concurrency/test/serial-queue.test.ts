import { expect, test } from '@jest/globals';
import { createSerialQueue } from '@plaza/concurrency';

test('runs one piece of work at a time, in the order of calls, also after a failure', async () => {
  const queue = createSerialQueue();
  const log: string[] = [];
  const failed = queue.run(async () => {
    log.push('first starts');
    await new Promise(setImmediate);
    log.push('first ends');
    throw new Error('failed');
  });
  const second = queue.run(async () => {
    log.push('second');
    return 'result';
  });
  await queue.whenIdle();
  expect(log).toEqual(['first starts', 'first ends', 'second']);
  await expect(failed).rejects.toThrow('failed');
  await expect(second).resolves.toBe('result');
});

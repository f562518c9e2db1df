import { expect, test } from '@jest/globals';
import { createKeyedMutex } from '@plaza/concurrency';

test('work of one key runs one after the other, in the order of calls', async () => {
  const mutex = createKeyedMutex();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} starts`);
    await new Promise(setImmediate);
    log.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all([mutex.run('a', work('first')), mutex.run('a', work('second'))])).toEqual([
    'first',
    'second',
  ]);
  expect(log).toEqual(['first starts', 'first ends', 'second starts', 'second ends']);
});

test('work of another key does not wait', async () => {
  const mutex = createKeyedMutex();
  const slow = Promise.withResolvers<void>();
  const first = mutex.run('a', () => slow.promise);
  await expect(mutex.run('b', async () => 'done')).resolves.toBe('done');
  slow.resolve();
  await first;
});

test('a failure is for its caller alone: the next work of the key runs', async () => {
  const mutex = createKeyedMutex();
  const failed = mutex.run('a', () => Promise.reject(new Error('failed')));
  const next = mutex.run('a', async () => 'done');
  await expect(failed).rejects.toThrow('failed');
  await expect(next).resolves.toBe('done');
});

test('work that throws before its first await leaves its key free', async () => {
  const mutex = createKeyedMutex();
  const failed = mutex.run('a', () => {
    throw new Error('a defect');
  });
  await expect(failed).rejects.toThrow('a defect');
  expect(mutex.isLocked('a')).toBe(false);
});

test('names the locked keys, and forgets a key when its last work has settled', async () => {
  const mutex = createKeyedMutex();
  const works = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = works.map(({ promise }) => mutex.run('a', () => promise));
  expect(mutex.isLocked('a')).toBe(true);
  expect(mutex.lockedKeys()).toEqual(['a']);
  works[0]?.resolve();
  await runs[0];
  expect(mutex.size()).toBe(1);
  works[1]?.reject(new Error('failed'));
  await expect(runs[1]).rejects.toThrow('failed');
  await mutex.whenIdle();
  expect(mutex.lockedKeys()).toEqual([]);
  expect(mutex.isLocked('a')).toBe(false);
});

test('whenIdle waits for work that waits, and ignores its failures', async () => {
  const mutex = createKeyedMutex();
  let done = false;
  const failed = mutex.run('a', () => Promise.reject(new Error('failed')));
  const last = mutex.run('a', async () => void (done = true));
  await mutex.whenIdle();
  expect(done).toBe(true);
  await expect(failed).rejects.toThrow('failed');
  await last;
});

import { expect, test } from '@jest/globals';
import { settlesWithin, TimeoutError, withTimeout } from '@plaza/concurrency';

const never = new Promise<never>(() => undefined);
const LONG_MS = 60_000;

test('gives the result of work that ends in time, and its rejection', async () => {
  await expect(withTimeout(Promise.resolve('result'), LONG_MS)).resolves.toBe('result');
  await expect(withTimeout(Promise.reject(new Error('no database')), LONG_MS)).rejects.toThrow('no database');
});

test('rejects with a TimeoutError that names the limit', async () => {
  const outcome = withTimeout(never, 5);
  await expect(outcome).rejects.toThrow(TimeoutError);
  await expect(outcome).rejects.toThrow('no answer within 5 ms');
});

test('a limit of 0 is the shortest limit', async () => {
  await expect(withTimeout(never, 0)).rejects.toThrow('no answer within 0 ms');
});

test('work that fails after the limit is no unhandled rejection', async () => {
  const { promise: work, reject } = Promise.withResolvers<void>();
  await expect(settlesWithin(work, 1)).resolves.toBe(false);
  await expect(withTimeout(work, 1)).rejects.toThrow(TimeoutError);
  reject(new Error('too late'));
  await expect(work).rejects.toThrow('too late');
});

test('says whether work settled in time, by whichever end', async () => {
  await expect(settlesWithin(Promise.resolve(), LONG_MS)).resolves.toBe(true);
  await expect(settlesWithin(Promise.reject(new Error('failed')), LONG_MS)).resolves.toBe(true);
  await expect(settlesWithin(never, 1)).resolves.toBe(false);
});

test('an abort ends the wait for work', async () => {
  const stop = new AbortController();
  const outcome = settlesWithin(never, LONG_MS, stop.signal);
  stop.abort();
  await expect(outcome).resolves.toBe(false);
  await expect(settlesWithin(never, LONG_MS, stop.signal)).resolves.toBe(false);
});

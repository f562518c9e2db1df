import { expect, test } from '@jest/globals';
import { backoffDelay, sleep } from '@plaza/concurrency';

const failures = [0, 1, 2, 3, 4, 100];

test('the longest delay doubles with each failure, up to the maximum', () => {
  const longest = failures.map((count) =>
    backoffDelay(count, { firstMs: 100, maxMs: 1_000, random: () => 1 }),
  );
  expect(longest).toEqual([150, 250, 450, 850, 1_050, 1_050]);
});

test('no delay is shorter than half of the first one', () => {
  const shortest = failures.map((count) =>
    backoffDelay(count, { firstMs: 100, maxMs: 1_000, random: () => 0 }),
  );
  expect(shortest).toEqual([50, 50, 50, 50, 50, 50]);
});

test('an abort ends a pause, also one that has not begun', async () => {
  const stop = new AbortController();
  const pause = sleep(3_600_000, { signal: stop.signal });
  stop.abort();
  await expect(pause).resolves.toBeUndefined();
  await expect(sleep(3_600_000, { signal: stop.signal })).resolves.toBeUndefined();
});

test('a pause without a signal lasts as long as it should', async () => {
  const start = performance.now();
  await sleep(20);
  expect(performance.now() - start).toBeGreaterThan(18);
});

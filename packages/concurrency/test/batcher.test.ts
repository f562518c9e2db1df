import { expect, test } from '@jest/globals';
import { createBatcher } from '@plaza/concurrency';

function recordingBatcher(maxSize: number, fail: (batch: readonly number[]) => boolean = () => false) {
  const batches: (readonly number[])[] = [];
  const double = createBatcher<number, number>({
    run: async (items) => {
      batches.push(items);
      await new Promise(setImmediate);
      if (fail(items)) throw new Error(`batch ${batches.length} failed`);
      return items.map((item) => item * 2);
    },
    maxSize,
  });
  return { batches, double };
}

test('items of one turn of the event loop form one batch, and each gets its own result', async () => {
  const { batches, double } = recordingBatcher(10);
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('items that arrive while a batch is in progress form the next one', async () => {
  const { batches, double } = recordingBatcher(10);
  const first = double(1);
  await new Promise(setImmediate);
  const others = [double(2), double(3)];
  expect(await Promise.all([first, ...others])).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test('no batch is larger than the maximum', async () => {
  const { batches, double } = recordingBatcher(2);
  expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test('a batch that fails rejects its own items only', async () => {
  const { double } = recordingBatcher(2, (batch) => batch.includes(1));
  const outcomes = await Promise.allSettled([1, 2, 3].map(double));
  expect(outcomes).toMatchObject([
    { reason: { message: 'batch 1 failed' } },
    { reason: { message: 'batch 1 failed' } },
    { value: 6 },
  ]);
  expect(await double(4)).toBe(8);
});

test('a run that returns too few results rejects all items of its batch', async () => {
  const first = createBatcher<number, number>({ run: async () => [1], maxSize: 10 });
  const outcomes = await Promise.allSettled([first(1), first(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

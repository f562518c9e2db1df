import { expect, test } from '@jest/globals';
import { changed, retryOnConflict, unchanged, updateWithRetry } from '@plaza/domain';

interface Counter {
  readonly version: number;
  readonly value: number;
}

/** A store in which other writers are first for the given number of saves. */
function counterStore(conflicts: number) {
  let stored: Counter = { version: 1, value: 10 };
  let saves = 0;
  return {
    stored: () => stored,
    saves: () => saves,
    load: async () => stored,
    save: async ({ state }: { state: Counter }) => {
      saves += 1;
      if (saves <= conflicts) stored = { version: stored.version + 1, value: stored.value * 2 };
      if (state.version !== stored.version) return false;
      stored = { ...state, version: state.version + 1 };
      return true;
    },
  };
}

const increment = (counter: Counter) => changed<Counter, never>({ ...counter, value: counter.value + 1 });
const createConflictError = () => new Error('too many conflicts');

test('a conflict is decided again with the state that the other writer left', async () => {
  const { load, save, stored } = counterStore(2);
  const state = await updateWithRetry({ load, decide: increment, save, createConflictError });
  expect(state.value).toBe(41);
  expect(stored().value).toBe(41);
});

test('nothing is saved where the state stays the same', async () => {
  const { load, save, saves, stored } = counterStore(0);
  const state = await updateWithRetry({ load, decide: unchanged, save, createConflictError });
  expect(state).toBe(stored());
  expect(saves()).toBe(0);
});

test('ends with the error of the caller after eight conflicts, or as many as the caller says', async () => {
  const eight = counterStore(100);
  await expect(
    updateWithRetry({ load: eight.load, decide: increment, save: eight.save, createConflictError }),
  ).rejects.toThrow('too many conflicts');
  expect(eight.saves()).toBe(8);
  const two = counterStore(100);
  const options = { load: two.load, decide: increment, save: two.save, maxAttempts: 2, createConflictError };
  await expect(updateWithRetry(options)).rejects.toThrow('too many conflicts');
  expect(two.saves()).toBe(2);
});

test('what a rule or the store throws is no conflict', async () => {
  const { load, save, saves } = counterStore(0);
  const decide = () => {
    throw new Error('not allowed');
  };
  await expect(updateWithRetry({ load, decide, save, createConflictError })).rejects.toThrow('not allowed');
  const away = () => Promise.reject(new Error('no database'));
  const options = { load: away, decide: increment, save, createConflictError };
  await expect(updateWithRetry(options)).rejects.toThrow('no database');
  expect(saves()).toBe(0);
});

test('a result of undefined is a result', async () => {
  const attempt = async () => ({ done: undefined });
  await expect(retryOnConflict(attempt, { createConflictError })).resolves.toBeUndefined();
});

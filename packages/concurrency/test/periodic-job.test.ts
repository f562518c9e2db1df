import { expect, test } from '@jest/globals';
import { startPeriodicJob } from '@plaza/concurrency';
import { eventually } from '@plaza/local-stack/testing';

const HOUR_MS = 3_600_000;
const unexpected = (error: unknown) => {
  throw error;
};

test('runs again and again, also after a run that failed', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  const job = startPeriodicJob({
    run: async () => {
      runs += 1;
      if (runs === 1) throw new Error('the database is away');
    },
    intervalMs: 1,
    onError: (error) => errors.push(error),
  });
  expect(runs).toBe(0);
  await eventually(() => expect(runs).toBeGreaterThan(3));
  await job.stop();
  expect(errors).toEqual([new Error('the database is away')]);
});

test('starts at once where that is asked for', async () => {
  let runs = 0;
  const run = async () => void (runs += 1);
  const job = startPeriodicJob({ run, intervalMs: HOUR_MS, firstRun: 'at-once', onError: unexpected });
  expect(runs).toBe(1);
  await job.stop();
  expect(runs).toBe(1);
});

test('a job that throws before its first await has failed, and goes on', async () => {
  let failures = 0;
  const job = startPeriodicJob({
    run: () => {
      throw new Error('a defect');
    },
    intervalMs: 1,
    onError: () => void (failures += 1),
  });
  await eventually(() => expect(failures).toBeGreaterThan(1));
  await job.stop();
});

test('one run at a time', async () => {
  let active = 0;
  let mostActive = 0;
  let runs = 0;
  const job = startPeriodicJob({
    run: async () => {
      mostActive = Math.max(mostActive, (active += 1));
      await new Promise(setImmediate);
      active -= 1;
      runs += 1;
    },
    intervalMs: 0,
    onError: unexpected,
  });
  await eventually(() => expect(runs).toBeGreaterThan(3));
  await job.stop();
  expect(mostActive).toBe(1);
});

test('a stop aborts the current run, waits for it, and lets no other start', async () => {
  const started = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<void>();
  let runs = 0;
  const job = startPeriodicJob({
    run: (signal) => {
      runs += 1;
      started.resolve(signal);
      return end.promise;
    },
    intervalMs: 1,
    onError: unexpected,
  });
  const signal = await started.promise;
  const stopped = job.stop();
  expect(signal.aborted).toBe(true);
  expect(await Promise.race([stopped, Promise.resolve('in progress')])).toBe('in progress');
  end.resolve();
  await stopped;
  expect(runs).toBe(1);
});

test('a stop does not wait for the next run', async () => {
  const run = () => Promise.reject(new Error('never'));
  await startPeriodicJob({ run, intervalMs: HOUR_MS, onError: unexpected }).stop();
});

test('with jitter, the random number decides how long a pause is', async () => {
  let runs = 0;
  const run = async () => void (runs += 1);
  const short = { intervalMs: HOUR_MS, jitter: 1, random: () => 0 };
  const job = startPeriodicJob({ run, ...short, onError: unexpected });
  await eventually(() => expect(runs).toBeGreaterThan(1));
  await job.stop();
});

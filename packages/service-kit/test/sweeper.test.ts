import { expect, test } from '@jest/globals';
import { createSweeper } from '@plaza/service-kit';
import { recorder } from '@plaza/service-kit/testing';
import { eventually } from '@plaza/local-stack/testing';

test('sweeps again and again, also after a sweep that failed, and says so', async () => {
  const { logger, lines } = recorder();
  let sweeps = 0;
  const { announce, settle } = createSweeper({
    sweep: async () => {
      sweeps += 1;
      if (sweeps === 1) throw new Error('the database is away');
    },
    everyMs: 1,
    logger,
  });
  expect(sweeps).toBe(0);
  await announce?.();
  await eventually(() => expect(sweeps).toBeGreaterThan(3));
  await settle?.();
  expect(lines).toMatchObject([{ level: 'warn', message: 'a sweep failed' }]);
});

test('a stop tells the sweep that is under way, waits for it, and lets no other begin', async () => {
  const began = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<void>();
  let sweeps = 0;
  const { announce, settle } = createSweeper({
    sweep: (signal) => {
      sweeps += 1;
      began.resolve(signal);
      return end.promise;
    },
    everyMs: 1,
    logger: recorder().logger,
  });
  await announce?.();
  const signal = await began.promise;
  const stopped = settle?.();
  await eventually(() => expect(signal.aborted).toBe(true));
  expect(await Promise.race([stopped, Promise.resolve('under way')])).toBe('under way');
  end.resolve();
  await stopped;
  expect(sweeps).toBe(1);
});

test('a stop does not wait for the next sweep', async () => {
  const { announce, settle } = createSweeper({
    sweep: () => Promise.reject(new Error('never')),
    everyMs: 3_600_000,
    logger: recorder().logger,
  });
  await announce?.();
  await settle?.();
});

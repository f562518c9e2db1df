import { expect, test } from '@jest/globals';
import { createPeriodicJob } from '@plaza/service-kit';
import { recordingLogger } from '@plaza/service-kit/testing';
import { eventually } from '@plaza/local-stack/testing';

test('sweeps again and again, also after a sweep that failed, and says so', async () => {
  const { logger, lines } = recordingLogger();
  let sweeps = 0;
  const { onReady, onStopped } = createPeriodicJob({
    run: async () => {
      sweeps += 1;
      if (sweeps === 1) throw new Error('the database is away');
    },
    intervalMs: 1,
    logger,
  });
  expect(sweeps).toBe(0);
  await onReady?.();
  await eventually(() => expect(sweeps).toBeGreaterThan(3));
  await onStopped?.();
  expect(lines).toMatchObject([{ level: 'warn', event: 'periodic_job_failed' }]);
});

test('a stop tells the sweep that is under way, waits for it, and lets no other begin', async () => {
  const began = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<void>();
  let sweeps = 0;
  const { onReady, onStopped } = createPeriodicJob({
    run: (signal) => {
      sweeps += 1;
      began.resolve(signal);
      return end.promise;
    },
    intervalMs: 1,
    logger: recordingLogger().logger,
  });
  await onReady?.();
  const signal = await began.promise;
  const stopped = onStopped?.();
  await eventually(() => expect(signal.aborted).toBe(true));
  expect(await Promise.race([stopped, Promise.resolve('under way')])).toBe('under way');
  end.resolve();
  await stopped;
  expect(sweeps).toBe(1);
});

test('a stop does not wait for the next sweep', async () => {
  const { onReady, onStopped } = createPeriodicJob({
    run: () => Promise.reject(new Error('never')),
    intervalMs: 3_600_000,
    logger: recordingLogger().logger,
  });
  await onReady?.();
  await onStopped?.();
});

import { expect, test } from '@jest/globals';
import { freshSingleFlight, singleFlight } from '@plaza/concurrency';
import { eventually } from '@plaza/local-stack/testing';

/** A job of which the test ends each run. */
function manualJob() {
  const runs: PromiseWithResolvers<string>[] = [];
  const run = () => {
    const next = Promise.withResolvers<string>();
    runs.push(next);
    return next.promise;
  };
  return { runs, run };
}

test('calls share the run in progress, and the next call starts another', async () => {
  const { runs, run } = manualJob();
  const shared = singleFlight(run);
  const first = [shared(), shared()];
  expect(runs).toHaveLength(1);
  runs[0]?.resolve('first');
  expect(await Promise.all(first)).toEqual(['first', 'first']);
  const second = shared();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve('second');
  expect(await second).toBe('second');
});

test('all callers get the rejection of the run they share; the next call starts another', async () => {
  const { runs, run } = manualJob();
  const shared = singleFlight(run);
  const outcomes = Promise.allSettled([shared(), shared()]);
  runs[0]?.reject(new Error('no answer'));
  expect(await outcomes).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  const next = shared();
  runs[1]?.resolve('there');
  expect(await next).toBe('there');
});

test('a fresh call gets a run that starts after the call, and shares it with the others that waited', async () => {
  const { runs, run } = manualJob();
  const shared = freshSingleFlight(run);
  const first = shared();
  await eventually(() => expect(runs).toHaveLength(1));
  const second = [shared(), shared()];
  runs[0]?.resolve('old');
  expect(await first).toBe('old');
  await eventually(() => expect(runs).toHaveLength(2));
  runs[1]?.resolve('new');
  expect(await Promise.all(second)).toEqual(['new', 'new']);
});

test('a fresh call after a run that failed starts another', async () => {
  const { runs, run } = manualJob();
  const shared = freshSingleFlight(run);
  const first = Promise.allSettled([shared()]);
  await eventually(() => expect(runs).toHaveLength(1));
  const second = shared();
  runs[0]?.reject(new Error('no answer'));
  expect(await first).toMatchObject([{ status: 'rejected' }]);
  await eventually(() => expect(runs).toHaveLength(2));
  runs[1]?.resolve('there');
  expect(await second).toBe('there');
});

import { afterEach, expect, test } from '@jest/globals';
import { type Child, startChild } from '../src/process/child.ts';
import { type Supervised, supervise } from '../src/process/supervisor.ts';
import { until } from '../src/process/until.ts';

let supervised: Supervised | undefined;

afterEach(() => supervised?.kill());

test('starts what ends again and again, after longer and longer', async () => {
  const said = watch('exit 3');

  await until('four ends', async () => said.length >= 4, { within: 5_000 });

  expect(said.slice(0, 4)).toEqual([
    'ended with status 3; starting it again in 0.01 s',
    'ended with status 3; starting it again in 0.02 s',
    'ended with status 3; starting it again in 0.04 s',
    'ended with status 3; starting it again in 0.04 s',
  ]);
});

test('says which signal ended it', async () => {
  const said = watch('kill -SEGV $$');

  await until('an end', async () => said.length > 0, { within: 5_000 });

  expect(said[0]).toMatch('was ended by SIGSEGV');
});

test('leaves what is configured wrongly off until it is changed', async () => {
  const said = watch('exit 78');
  await until('an end', async () => said.length === 1, { within: 5_000 });
  expect(said[0]).toMatch('it stays off until');

  supervised?.restart();

  await until('another end', async () => said.length === 2, { within: 5_000 });
});

test('does not start again what it stops', async () => {
  const said = watch('sleep 100');

  await supervised?.stop();

  expect(said).toEqual([]);
});

test('ends at once while it waits to start something again', async () => {
  const said = watch('exit 3', 60_000);
  await until('an end', async () => said.length === 1, { within: 5_000 });

  await supervised?.stop();
});

/** Supervises a shell, with delays from 10 to 40 ms; answers what is said about it. */
function watch(script: string, delay = 10): string[] {
  const said: string[] = [];
  const run = async (): Promise<Child> => startChild('sh', ['-c', script], { output: () => {} });
  const child = startChild('sh', ['-c', script], { output: () => {} });
  supervised = supervise({
    child,
    run,
    say: (sentence) => said.push(sentence),
    delay,
    longestDelay: delay * 4,
  });
  return said;
}

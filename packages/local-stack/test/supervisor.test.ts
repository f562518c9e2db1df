import { afterEach, expect, test } from '@jest/globals';
import { type Child, startChild } from '../src/process/child.ts';
import { type SupervisedProcess, supervise } from '../src/process/supervisor.ts';
import { waitUntil } from '../src/process/wait-until.ts';

let supervised: SupervisedProcess | undefined;

afterEach(() => supervised?.kill());

test('starts what ends again and again, after longer and longer', async () => {
  const said = superviseShell('exit 3');

  await waitUntil('four ends', async () => said.length >= 4, { timeoutMs: 5_000 });

  expect(said.slice(0, 4)).toEqual([
    'ended with status 3; starting it again in 0.01 s',
    'ended with status 3; starting it again in 0.02 s',
    'ended with status 3; starting it again in 0.04 s',
    'ended with status 3; starting it again in 0.04 s',
  ]);
});

test('says which signal ended it', async () => {
  const said = superviseShell('kill -SEGV $$');

  await waitUntil('an end', async () => said.length > 0, { timeoutMs: 5_000 });

  expect(said[0]).toMatch('was ended by SIGSEGV');
});

test('leaves what is configured wrongly off until it is changed', async () => {
  const said = superviseShell('exit 78');
  await waitUntil('an end', async () => said.length === 1, { timeoutMs: 5_000 });
  expect(said[0]).toMatch('it stays off until');

  supervised?.restart();

  await waitUntil('another end', async () => said.length === 2, { timeoutMs: 5_000 });
});

test('does not start again what it stops', async () => {
  const said = superviseShell('sleep 100');

  await supervised?.stop();

  expect(said).toEqual([]);
});

test('ends at once while it waits to start something again', async () => {
  const said = superviseShell('exit 3', 60_000);
  await waitUntil('an end', async () => said.length === 1, { timeoutMs: 5_000 });

  await supervised?.stop();
});

/** Supervises a shell, with delays from 10 to 40 ms; answers what is said about it. */
function superviseShell(script: string, initialDelay = 10): string[] {
  const said: string[] = [];
  const run = async (): Promise<Child> => startChild('sh', ['-c', script], { output: () => {} });
  const child = startChild('sh', ['-c', script], { output: () => {} });
  supervised = supervise({
    child,
    run,
    notify: (sentence) => said.push(sentence),
    initialDelay,
    maxDelay: initialDelay * 4,
  });
  return said;
}

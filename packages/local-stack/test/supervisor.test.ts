import { afterEach, expect, test } from '@jest/globals';
import { type Child, startChild } from '../src/process/child.ts';
import { type SupervisedProcess, supervise } from '../src/process/supervisor.ts';
import { waitUntil } from '../src/process/wait-until.ts';

let supervised: SupervisedProcess | undefined;

afterEach(() => supervised?.kill());

test('restarts an ended process, after growing delays', async () => {
  const notices = superviseShell('exit 3');

  await waitUntil('four ends', async () => notices.length >= 4, { timeoutMs: 5_000 });

  expect(notices.slice(0, 4)).toEqual([
    'ended with status 3; restarting it in 0.01 s',
    'ended with status 3; restarting it in 0.02 s',
    'ended with status 3; restarting it in 0.04 s',
    'ended with status 3; restarting it in 0.04 s',
  ]);
});

test('reports the signal that ended it', async () => {
  const notices = superviseShell('kill -SEGV $$');

  await waitUntil('an end', async () => notices.length > 0, { timeoutMs: 5_000 });

  expect(notices[0]).toMatch('was ended by SIGSEGV');
});

test('does not restart a process with an invalid configuration until that changes', async () => {
  const notices = superviseShell('exit 78');
  await waitUntil('an end', async () => notices.length === 1, { timeoutMs: 5_000 });
  expect(notices[0]).toMatch('it is restarted when');

  supervised?.restart();

  await waitUntil('another end', async () => notices.length === 2, { timeoutMs: 5_000 });
});

test('does not restart a process that it stops', async () => {
  const notices = superviseShell('sleep 100');

  await supervised?.stop();

  expect(notices).toEqual([]);
});

test('stops at once while it waits for a restart', async () => {
  const notices = superviseShell('exit 3', 60_000);
  await waitUntil('an end', async () => notices.length === 1, { timeoutMs: 5_000 });

  await supervised?.stop();
});

/** Supervises a shell, with delays from 10 to 40 ms; returns the notices. */
function superviseShell(script: string, initialDelay = 10): string[] {
  const notices: string[] = [];
  const run = async (): Promise<Child> => startChild('sh', ['-c', script], { output: () => {} });
  const child = startChild('sh', ['-c', script], { output: () => {} });
  supervised = supervise({
    child,
    run,
    notify: (sentence) => notices.push(sentence),
    initialDelay,
    maxDelay: initialDelay * 4,
  });
  return notices;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { getProcessIdentity } from '../src/process/identity.ts';
import { type Child, startChild } from '../src/process/child.ts';
import { waitUntil } from '../src/process/wait-until.ts';

const deadline = { timeoutMs: 5_000 };

test('a child and its descendants get SIGTERM first and end when the parent is killed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plaza-test-'));
  const file = join(directory, 'said');
  const parent = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/parent.ts'), file]);
  const [shell = 0, sleep = 0] = String(await once(parent.stdout, 'data'))
    .split(' ')
    .map(Number);
  expect([await isRunning(shell), await isRunning(sleep)]).toEqual([true, true]);

  parent.kill('SIGKILL');

  await waitUntil(
    'the end of both',
    async () => !(await isRunning(shell)) && !(await isRunning(sleep)),
    deadline,
  );
  expect(await readFile(file, 'utf8')).toBe('stopping\n');
  await rm(directory, { recursive: true });
});

test('stop waits for a child that stops by itself', async () => {
  const { child } = await startShell(`trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done`);

  expect(await child.stop()).toEqual({ code: 7, signal: null });
});

test('stop kills a child that does not stop in time, with its descendants', async () => {
  const { child, line } = await startShell(`trap '' TERM; sleep 100 & echo $!; while :; do sleep 0.01; done`);

  expect(await child.stop(0.05)).toEqual({ code: null, signal: 'SIGKILL' });
  await waitUntil('the end of its descendants', async () => !(await isRunning(Number(line))), deadline);
});

test('the descendants of a child end with it', async () => {
  const { child, line } = await startShell('sleep 100 & echo $!');

  expect(await child.exit).toEqual({ code: 0, signal: null });
  await waitUntil('the end of its descendants', async () => !(await isRunning(Number(line))), deadline);
});

test('a missing command ends with 127', async () => {
  const child = startChild('no-such-command', [], { output: () => {} });

  expect(await child.exit).toEqual({ code: 127, signal: null });
});

/** A shell that has printed its first line. */
async function startShell(script: string): Promise<{ child: Child; line: string }> {
  return new Promise((settle) => {
    const child = startChild('sh', ['-c', script], { output: (line) => settle({ child, line }) });
  });
}

async function isRunning(pid: number): Promise<boolean> {
  return (await getProcessIdentity(pid)) !== undefined;
}

import { join } from 'node:path';
import { examineLeftovers } from '../doctor/leftovers.ts';
import { examineMachine } from '../doctor/machine.ts';
import { examinePorts } from '../doctor/ports.ts';
import { examineServers } from '../doctor/servers.ts';
import type { Finding } from '../doctor/finding.ts';
import { local } from '../paths.ts';
import { tryLock } from '../process/lock.ts';
import { createTerminal, dim, green, red, yellow } from '../terminal.ts';

/** Says what is missing, taken or wrong, and how to mend it. Answers 1 where that keeps npm start from working. */
export async function doctor(): Promise<number> {
  const running = await runningStart();
  const findings = (
    await Promise.all([examineMachine(), examineServers(), examinePorts(running), examineLeftovers(running)])
  ).flat();
  const terminal = createTerminal(0);
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  for (const finding of findings) terminal.line(show(finding, width));
  const blocked = findings.some(({ blocks }) => blocks);
  terminal.line(
    blocked ? '\nnpm start cannot work before what is marked ✗ is mended.' : '\nnpm start can work.',
  );
  return blocked ? 1 : 0;
}

function show({ subject, state, text, remedy, blocks }: Finding, width: number): string {
  const mark = state === 'ok' ? green('✓') : blocks ? red('✗') : yellow('!');
  const line = `  ${mark} ${subject.padEnd(width)}  ${state.padEnd(7)}  ${text}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(width + 15)}${dim(remedy)}`;
}

/** The process id of an npm start in this checkout. */
async function runningStart(): Promise<number | undefined> {
  const lock = await tryLock(join(local, 'start.lock'));
  if (typeof lock === 'number') return lock;
  await lock.release();
  return undefined;
}

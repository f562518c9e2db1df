import { join } from 'node:path';
import { checkOrphans } from '../doctor/orphan-checks.ts';
import { checkMachine } from '../doctor/machine-checks.ts';
import { checkPorts } from '../doctor/port-checks.ts';
import { checkServers } from '../doctor/server-checks.ts';
import type { Diagnostic } from '../doctor/diagnostic.ts';
import { localDirectory } from '../paths.ts';
import { tryAcquireLock } from '../process/lock-file.ts';
import { createTerminalRenderer, dim, green, red, yellow } from '../terminal.ts';

/** Prints missing programs, ports in use and other problems, with remedies. Returns 1 if they prevent npm start. */
export async function doctor(): Promise<number> {
  const running = await findRunningStart();
  const diagnostics = (
    await Promise.all([checkMachine(), checkServers(), checkPorts(running), checkOrphans(running)])
  ).flat();
  const terminal = createTerminalRenderer(0);
  const width = Math.max(...diagnostics.map(({ subject }) => subject.length));
  for (const diagnostic of diagnostics) terminal.line(formatDiagnostic(diagnostic, width));
  const blocked = diagnostics.some(({ blocks }) => blocks);
  terminal.line(
    blocked ? '\nnpm start cannot work before what is marked ✗ is mended.' : '\nnpm start can work.',
  );
  return blocked ? 1 : 0;
}

function formatDiagnostic({ subject, state, text, remedy, blocks }: Diagnostic, width: number): string {
  const mark = state === 'ok' ? green('✓') : blocks ? red('✗') : yellow('!');
  const line = `  ${mark} ${subject.padEnd(width)}  ${state.padEnd(7)}  ${text}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(width + 15)}${dim(remedy)}`;
}

/** The process id of an npm start in this checkout. */
async function findRunningStart(): Promise<number | undefined> {
  const lock = await tryAcquireLock(join(localDirectory, 'start.lock'));
  if (typeof lock === 'number') return lock;
  await lock.release();
  return undefined;
}

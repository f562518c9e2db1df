import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../paths.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that ends with this one, even if this one is killed. */
export interface Child {
  readonly pid: number | undefined;
  /** Settles when the process has ended and its output has been read; never rejects. */
  readonly exit: Promise<Exit>;
  /** SIGTERM; after `grace` seconds (10) SIGKILL for it and its descendants. */
  stop(grace?: number): Promise<Exit>;
  /** SIGKILL for it and its descendants. */
  kill(): Promise<Exit>;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Destination of stdout and stderr: an open file, or a function that gets each line. */
  readonly output: number | ((line: string) => void);
}

/** Seconds that a child has to stop after its parent has been killed. */
const orphanGraceSeconds = 10;

/** Starts `command` in a process group of its own, under exit-with-parent.sh. A missing command exits with 127. */
export function startChild(command: string, args: readonly string[], options: ChildOptions): Child {
  const { output } = options;
  const sink = typeof output === 'number' ? output : 'pipe';
  const child = spawn(
    'sh',
    [join(packageRoot, 'scripts/exit-with-parent.sh'), String(orphanGraceSeconds), command, ...args],
    {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', sink, sink, 'pipe'],
    },
  );
  if (typeof output === 'function') {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', output);
    }
  }
  const lifeline = child.stdio[3];
  if (!(lifeline instanceof Socket)) throw new Error('Expected a socket for the pipe.');
  lifeline.unref(); // this process may end while it is open
  lifeline.on('error', () => {}); // the watcher was killed with its group

  const exit = new Promise<Exit>((settle) => {
    child.once('error', () => settle({ code: 127, signal: null }));
    child.once('exit', (code, signal) => {
      lifeline.end('ended\n');
      // Its last lines may still arrive; a process that has left its group could keep the pipe open for ever.
      const timer = setTimeout(() => settle({ code, signal }), 1_000);
      child.once('close', () => {
        clearTimeout(timer);
        settle({ code, signal });
      });
    });
  });
  const signalGroup = (signal: NodeJS.Signals, target: number | undefined): void => {
    if (target === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(target, signal);
  };
  const kill = (): Promise<Exit> => {
    signalGroup('SIGKILL', child.pid && -child.pid);
    return exit;
  };
  return {
    pid: child.pid,
    exit,
    kill,
    stop(grace = 10) {
      signalGroup('SIGTERM', child.pid);
      const timer = setTimeout(() => void kill(), grace * 1000);
      return exit.finally(() => clearTimeout(timer));
    },
  };
}

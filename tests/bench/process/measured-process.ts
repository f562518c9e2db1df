import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { nodeCommand } from './cpu-pinning.ts';

const usage = z.object({ cpuMicros: z.number(), residentBytes: z.number() });
const written = z.object({ written: z.string() });

/** A process that is measured, which tells what it has used so far. */
export interface MeasuredProcess {
  readonly url: string;
  /** CPU time in microseconds, user and system, and resident memory. */
  usage(): Promise<z.output<typeof usage>>;
  /** Samples where its CPU goes, until the function that is returned ends that and writes it to `file`. */
  profile(file: string): Promise<() => Promise<void>>;
  stop(): void;
}

export interface MeasuredProcessOptions {
  /** On a core to itself, where the machine can do that. Default true. */
  readonly dedicatedCore?: boolean;
}

const READY_MS = 20_000;

/** Runs a main on a free port, with a preload that answers what it used. What it writes is read, as a container's log is, and thrown away. */
export async function startMeasuredProcess(
  main: URL,
  environment: Readonly<Record<string, string>>,
  { dedicatedCore = true }: MeasuredProcessOptions = {},
): Promise<MeasuredProcess> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const [command, ...before] = nodeCommand(dedicatedCore);
  const child = fork(fileURLToPath(main), [], {
    execPath: command,
    execArgv: [...before, '--conditions=source', '--import', new URL('./usage.ts', import.meta.url).href],
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.stdout?.resume();
  await waitUntilReady(child, `${url}/health/live`);
  const ask = async (question: object): Promise<unknown> => {
    const answer = once(child, 'message');
    child.send(question);
    return (await answer)[0];
  };
  return {
    url,
    usage: async () => usage.parse(await ask({ ask: 'usage' })),
    profile: async (file) => {
      await ask({ ask: 'profile' });
      return async () => void written.parse(await ask({ ask: 'write-profile', file }));
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  return address.port;
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  for (const deadline = Date.now() + READY_MS; ;) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${child.spawnargs.at(-1)} does not start`);
    await wait(50);
  }
}

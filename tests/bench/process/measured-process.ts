import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { nodeCommand } from './cpu-pinning.ts';

const usage = z.object({ cpuMicros: z.number(), residentBytes: z.number() });
const written = z.object({ written: z.string() });

/** A process that is measured. A preload in it reports its CPU time and memory. */
export interface MeasuredProcess {
  readonly url: string;
  /** CPU time in microseconds, user and system, and resident memory. */
  usage(): Promise<z.output<typeof usage>>;
  /** Starts a CPU profile; the returned function stops it and writes it to `file`. */
  profile(file: string): Promise<() => Promise<void>>;
  stop(): void;
}

export interface MeasuredProcessOptions {
  /** Whether it gets a core of its own, where the machine has two and `taskset`. Default true. */
  readonly dedicatedCore?: boolean;
}

const READY_MS = 20_000;

/** Runs `main` on a free port with the preload of `usage.ts`. Its log is read, as a container's log is, and dropped. */
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
  const request = async (message: object): Promise<unknown> => {
    const response = once(child, 'message');
    child.send(message);
    return (await response)[0];
  };
  return {
    url,
    usage: async () => usage.parse(await request({ ask: 'usage' })),
    profile: async (file) => {
      await request({ ask: 'profile' });
      return async () => void written.parse(await request({ ask: 'write-profile', file }));
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
      throw new Error(
        `${child.spawnargs.at(-1)} did not become healthy within ${READY_MS / 1_000} s, or ended.`,
      );
    await wait(50);
  }
}

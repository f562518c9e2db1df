import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const usage = z.object({ cpuMicros: z.number(), residentBytes: z.number() });

/** A proxy in a process of its own, which tells what it has used so far. */
export interface MeasuredChild {
  readonly url: string;
  usage(): Promise<z.output<typeof usage>>;
  stop(): void;
}

const READY_MS = 10_000;

/** Runs a main on a free port, with a preload that answers what it used. What it writes is thrown away. */
export async function startChild(
  main: URL,
  environment: Readonly<Record<string, string>>,
): Promise<MeasuredChild> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = fork(fileURLToPath(main), [], {
    execArgv: ['--conditions=source', '--import', new URL('./usage.ts', import.meta.url).href],
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port), ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await ready(child, `${url}/health/live`);
  return {
    url,
    usage: async () => {
      const answer = once(child, 'message');
      child.send('usage');
      const [message] = await answer;
      return usage.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has an address.');
  return address.port;
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  for (const deadline = Date.now() + READY_MS; ;) {
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${child.spawnargs[2]} does not start`);
    await wait(50);
  }
}

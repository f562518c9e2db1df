import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { timings, type Order, type Timings } from './messages.ts';

/** A producer or a consumer in a process of its own, so that what it costs can be told. */
export interface Worker {
  /** Carries an order out; a consumer answers when it has handled all of it. */
  run(order: Order): Promise<Timings>;
  stop(): void;
}

export async function startWorker(file: URL, environment: Readonly<Record<string, string>>): Promise<Worker> {
  const child = fork(fileURLToPath(file), [], {
    execArgv: ['--conditions=source'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment },
  });
  child.once('exit', (code) => {
    if (code !== null && code !== 0) throw new Error(`${file.href} ended with ${code}`);
  });
  await once(child, 'message');
  return {
    run: async (order) => {
      const answer = once(child, 'message');
      child.send(order);
      const [message] = await answer;
      return timings.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

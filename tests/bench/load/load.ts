import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const request = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
});

export type Request = z.output<typeof request>;

/** What to send: as fast as `connections` can for a time or each request once, or so many a second. */
export const order = z.object({
  url: z.string(),
  /** In turn, from the first again after the last. */
  requests: z.array(request).min(1),
  connections: z.int(),
  /** Ends after so many milliseconds; without it, once each request has been sent `times` times. */
  milliseconds: z.number().optional(),
  times: z.int().default(1),
  /** Requests a second, whenever the answers come; without it, the next follows an answer. */
  perSecond: z.number().optional(),
});

export type Order = z.input<typeof order>;

export const outcome = z.object({
  requests: z.int(),
  seconds: z.number(),
  /** Milliseconds. */
  p50: z.number(),
  p99: z.number(),
});

export type Outcome = z.output<typeof outcome>;

/** The load, from a process of its own. */
export interface Load {
  /** @throws at an answer other than 2xx. */
  drive(order: Order): Promise<Outcome>;
  stop(): void;
}

export async function startLoad(): Promise<Load> {
  const child = fork(fileURLToPath(new URL('./load-worker.ts', import.meta.url)), [], {
    execArgv: ['--conditions=source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then((): never => {
    throw new Error('The load has ended, see above.');
  });
  ended.catch(() => undefined); // by stop(), mostly
  await once(child, 'message');
  return {
    drive: async (what) => {
      const answer = once(child, 'message');
      child.send(what);
      const [message] = await Promise.race([answer, ended]);
      return outcome.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

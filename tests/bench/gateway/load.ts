import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What to send: as fast as `connections` can for a time or once a token, or so many a second. */
export const order = z.object({
  url: z.string(),
  path: z.string(),
  tokens: z.array(z.string()),
  connections: z.int(),
  /** Ends after so many milliseconds; without it, once each token has been sent. */
  milliseconds: z.number().optional(),
  /** Requests a second, whenever the answers come; without it, the next follows an answer. */
  perSecond: z.number().optional(),
});

export type Order = z.output<typeof order>;

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
  /** @throws at an answer other than 200. */
  drive(order: Order): Promise<Outcome>;
  stop(): void;
}

export async function startLoad(): Promise<Load> {
  const child = fork(fileURLToPath(new URL('./load-worker.ts', import.meta.url)), [], {
    execArgv: ['--conditions=source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return {
    drive: async (what) => {
      const answer = once(child, 'message');
      child.send(what);
      const [message] = await answer;
      return outcome.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

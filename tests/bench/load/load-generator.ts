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

export type LoadRequest = z.output<typeof request>;

/** What to send: as fast as `connections` can for a time or each request once, or so many a second. */
export const loadJob = z.object({
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

export type LoadJob = z.input<typeof loadJob>;

export const loadResult = z.object({
  requests: z.int(),
  seconds: z.number(),
  /** Milliseconds. */
  p50: z.number(),
  p99: z.number(),
});

export type LoadMeasurement = z.output<typeof loadResult>;

/** The load, from a process of its own. */
export interface LoadGenerator {
  /** @throws at an answer other than 2xx. */
  run(job: LoadJob): Promise<LoadMeasurement>;
  stop(): void;
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
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
    run: async (job) => {
      const answer = once(child, 'message');
      child.send(job);
      const [message] = await Promise.race([answer, ended]);
      return loadResult.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

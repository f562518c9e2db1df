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

/** A load: as fast as `connections` allow, for a time or a number of requests, or at a fixed rate. */
export const loadJob = z.object({
  url: z.string(),
  /** Sent in turn; after the last, the first again. */
  requests: z.array(request).min(1),
  connections: z.int(),
  /** How long; without it the load ends once each request has been sent `times` times. */
  milliseconds: z.number().optional(),
  times: z.int().default(1),
  /** Requests a second, sent without waiting for responses; without it, each connection waits for its response. */
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

/** Sends the load from a process of its own. */
export interface LoadGenerator {
  /** @throws at a response other than 2xx. */
  run(job: LoadJob): Promise<LoadMeasurement>;
  stop(): void;
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
  const child = fork(fileURLToPath(new URL('./load-worker.ts', import.meta.url)), [], {
    execArgv: ['--conditions=source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then((): never => {
    throw new Error('The load generator ended, see above.');
  });
  ended.catch(() => undefined); // stop() ends it as well
  await once(child, 'message');
  return {
    run: async (job) => {
      const response = once(child, 'message');
      child.send(job);
      const [message] = await Promise.race([response, ended]);
      return loadResult.parse(message);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

import cluster, { type Worker } from 'node:cluster';
import { backoffDelay, EXIT_CONFIG, type Logger } from '@plaza/service-kit';
import { AggregatorRegistry } from 'prom-client';
import { NUMBER, toPrimary, type ToPrimary, type ToWorker } from './messages.ts';

export interface PrimaryOptions {
  readonly logger: Logger;
  /** How many workers. */
  readonly count: number;
  /** Milliseconds in which a worker has to stop. */
  readonly deadlineMs: number;
}

const FIRST_BACKOFF_MS = 100;
const MOST_BACKOFF_MS = 5_000;
/** A worker that ran for as long did not die of its start. */
const STEADY_MS = 10_000;
/** Beyond a worker's own deadline. */
const GRACE_MS = 1_000;

/**
 * Runs `count` workers of this program on one port. One that dies has a successor at once, and with backoff where
 * successors die soon, too. SIGTERM and SIGINT are passed on, and the process ends when the last worker has,
 * with the worst of their statuses. Workers end by themselves where the primary dies.
 */
export function runPrimary({ logger, count, deadlineMs }: PrimaryOptions): void {
  const metrics = new AggregatorRegistry();
  const shared = new Map<string, string>();
  const alive = new Set<Worker>();
  let stopping = false;
  let worst = 0;

  function start(number: number, failures: number): void {
    if (stopping) return;
    const startedAt = performance.now();
    const worker = cluster.fork({ [NUMBER]: String(number) });
    alive.add(worker);
    logger.info('a worker started', { worker: worker.id, pid: worker.process.pid });
    worker.on('message', (message: unknown) => {
      const said = toPrimary.safeParse(message);
      if (said.success) answer(worker, said.data);
    });
    worker.once('exit', (code, signal) => {
      alive.delete(worker);
      if (stopping) worst = Math.max(worst, code ?? 1);
      else if (code === EXIT_CONFIG) stop(EXIT_CONFIG);
      else
        succeed(number, performance.now() - startedAt > STEADY_MS ? 0 : failures + 1, {
          worker: worker.id,
          end: signal ?? code,
        });
    });
  }

  function succeed(number: number, failures: number, about: object): void {
    logger.error('a worker ended: another takes its place', about);
    const pause = failures < 2 ? 0 : backoffDelay(failures, FIRST_BACKOFF_MS, MOST_BACKOFF_MS, Math.random);
    setTimeout(start, pause, number, failures);
  }

  function answer(worker: Worker, said: ToPrimary): void {
    switch (said.gateway) {
      case 'share':
        shared.set(said.topic, said.text);
        for (const other of alive) if (other !== worker) tell(other, { ...said, gateway: 'shared' });
        return;
      case 'catch-up': {
        const text = shared.get(said.topic);
        if (text !== undefined) tell(worker, { gateway: 'shared', topic: said.topic, text });
        return;
      }
      case 'metrics':
        void metrics
          .clusterMetrics()
          .catch(() => undefined)
          .then((text) => tell(worker, { gateway: 'metrics', question: said.question, text }));
    }
  }

  function stop(status = 0): void {
    if (stopping) return;
    stopping = true;
    worst = status;
    for (const worker of alive) worker.process.kill('SIGTERM');
    const late = setTimeout(() => {
      for (const worker of alive) worker.process.kill('SIGKILL');
    }, deadlineMs + GRACE_MS);
    const ended = () => {
      if (alive.size > 0) return;
      clearTimeout(late);
      process.exitCode = worst;
      cluster.disconnect();
    };
    cluster.on('exit', ended);
    ended();
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop());
  for (let number = 1; number <= count; number += 1) start(number, 0);
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}

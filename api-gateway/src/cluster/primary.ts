import cluster, { type Worker } from 'node:cluster';
import { backoffDelay } from '@plaza/concurrency';
import { EXIT_CONFIG, type Logger } from '@plaza/service-kit';
import { AggregatorRegistry } from 'prom-client';
import {
  WORKER_NUMBER_VARIABLE,
  messageToPrimarySchema,
  type MessageToPrimary,
  type MessageToWorker,
} from './ipc-messages.ts';
import { workerEnded, workerStarted } from './cluster.log-events.ts';

export interface PrimaryOptions {
  readonly logger: Logger;
  /** How many workers. */
  readonly count: number;
  /** Milliseconds in which a worker has to stop. */
  readonly deadlineMs: number;
}

const BACKOFF = { firstMs: 100, maxMs: 5_000 };
/** A worker that ran for as long did not die of its start. */
const STABLE_AFTER_MS = 10_000;
/** Beyond a worker's own deadline. */
const KILL_GRACE_MS = 1_000;

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
  let exitStatus = 0;

  function start(number: number, failures: number): void {
    if (stopping) return;
    const startedAt = performance.now();
    const worker = cluster.fork({ [WORKER_NUMBER_VARIABLE]: String(number) });
    alive.add(worker);
    logger.info(workerStarted, { worker: worker.id, pid: worker.process.pid });
    worker.on('message', (message: unknown) => {
      const parsed = messageToPrimarySchema.safeParse(message);
      if (parsed.success) handleMessage(worker, parsed.data);
    });
    worker.once('exit', (code, signal) => {
      alive.delete(worker);
      if (stopping) exitStatus = Math.max(exitStatus, code ?? 1);
      else if (code === EXIT_CONFIG) stop(EXIT_CONFIG);
      else
        restart(number, performance.now() - startedAt > STABLE_AFTER_MS ? 0 : failures + 1, {
          worker: worker.id,
          end: signal ?? code,
        });
    });
  }

  function restart(number: number, failures: number, about: { worker: number; end: string | number }): void {
    logger.error(workerEnded, about);
    const pause = failures < 2 ? 0 : backoffDelay(failures, BACKOFF);
    setTimeout(start, pause, number, failures);
  }

  function handleMessage(worker: Worker, parsed: MessageToPrimary): void {
    switch (parsed.gateway) {
      case 'share':
        shared.set(parsed.topic, parsed.text);
        for (const other of alive)
          if (other !== worker) sendToWorker(other, { ...parsed, gateway: 'shared' });
        return;
      case 'catch-up': {
        const text = shared.get(parsed.topic);
        if (text !== undefined) sendToWorker(worker, { gateway: 'shared', topic: parsed.topic, text });
        return;
      }
      case 'metrics':
        void metrics
          .clusterMetrics()
          .catch(() => undefined)
          .then((text) => sendToWorker(worker, { gateway: 'metrics', question: parsed.question, text }));
    }
  }

  function stop(status = 0): void {
    if (stopping) return;
    stopping = true;
    exitStatus = status;
    for (const worker of alive) worker.process.kill('SIGTERM');
    const late = setTimeout(() => {
      for (const worker of alive) worker.process.kill('SIGKILL');
    }, deadlineMs + KILL_GRACE_MS);
    const ended = () => {
      if (alive.size > 0) return;
      clearTimeout(late);
      process.exitCode = exitStatus;
      cluster.disconnect();
    };
    cluster.on('exit', ended);
    ended();
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop());
  for (let number = 1; number <= count; number += 1) start(number, 0);
}

function sendToWorker(worker: Worker, message: MessageToWorker): void {
  if (worker.isConnected()) worker.send(message);
}

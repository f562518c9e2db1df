import cluster from 'node:cluster';
import { settlesWithin } from '@plaza/concurrency';
import type { Metrics } from '@plaza/service-kit';
import { AggregatorRegistry } from 'prom-client';
import { WORKER_NUMBER_VARIABLE, messageToWorkerSchema, type MessageToPrimary } from './ipc-messages.ts';

/** The workers that are one gateway. */
export interface ClusterWorker {
  /** Of several, the one that does what only one may: it is in the registry, and has the Admin API. */
  readonly isLeader: boolean;
  /** Sends a text to all other workers, and to those that start later: the last one of its topic. */
  broadcast(topic: string, text: string): void;
  /** Receives the texts of other workers, including the last one before now. */
  onBroadcast(topic: string, listener: (text: string) => void): void;
  /** The metrics, aggregated over all workers. */
  aggregateMetrics(metrics: Metrics): Metrics;
}

/** Milliseconds to wait for the other workers' metrics. */
const METRICS_TIMEOUT_MS = 6_000;

/** Joins the workers of this gateway. A process without others is the leader. */
export function joinCluster(): ClusterWorker {
  if (cluster.isWorker) return createClusterWorker();
  return {
    isLeader: true,
    broadcast: () => undefined,
    onBroadcast: () => undefined,
    aggregateMetrics: (metrics) => metrics,
  };
}

function createClusterWorker(): ClusterWorker {
  const listeners = new Map<string, (text: string) => void>();
  const pending = new Map<number, (text: string | undefined) => void>();
  let questions = 0;

  process.on('message', (message) => {
    const parsed = messageToWorkerSchema.safeParse(message);
    if (!parsed.success) return;
    if (parsed.data.gateway === 'shared') listeners.get(parsed.data.topic)?.(parsed.data.text);
    else pending.get(parsed.data.question)?.(parsed.data.text);
  });

  async function allMetrics(): Promise<string | undefined> {
    const question = (questions += 1);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    pending.set(question, resolve);
    sendToPrimary({ gateway: 'metrics', question });
    const answered = await settlesWithin(promise, METRICS_TIMEOUT_MS);
    pending.delete(question);
    return answered ? promise : undefined;
  }

  return {
    isLeader: process.env[WORKER_NUMBER_VARIABLE] === '1',
    broadcast: (topic, text) => sendToPrimary({ gateway: 'share', topic, text }),
    onBroadcast: (topic, listener) => {
      listeners.set(topic, listener);
      sendToPrimary({ gateway: 'catch-up', topic });
    },
    aggregateMetrics: (metrics) => {
      // The constructor alone makes prom-client answer the primary.
      const aggregator = new AggregatorRegistry();
      AggregatorRegistry.setRegistries(metrics.registry);
      return {
        ...metrics,
        expose: async () => {
          const text = await allMetrics();
          return text === undefined ? metrics.expose() : { contentType: aggregator.contentType, text };
        },
      };
    },
  };
}

function sendToPrimary(message: MessageToPrimary): void {
  if (process.connected) process.send?.(message);
}

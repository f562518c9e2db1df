import cluster from 'node:cluster';
import type { Metrics } from '@plaza/service-kit';
import { AggregatorRegistry } from 'prom-client';
import { NUMBER, toWorker, type ToPrimary } from './messages.ts';

/** The workers that are one gateway. */
export interface Fleet {
  /** Of several, the one that does what only one may: it is in the registry, and has the Admin API. */
  readonly leads: boolean;
  /** Hands a text to all other workers, and to those that start later: the last of its topic counts. */
  share(topic: string, text: string): void;
  /** Hears of what others share, and of what was shared before. */
  onShared(topic: string, listener: (text: string) => void): void;
  /** The same metrics, told of all workers together. */
  together(metrics: Metrics): Metrics;
}

/** Milliseconds that the others' metrics are waited for. */
const METRICS_MS = 6_000;

/** This process's place among the workers. Without others it leads, and has nobody to tell. */
export function joinFleet(): Fleet {
  if (cluster.isWorker) return createFleet();
  return { leads: true, share: () => undefined, onShared: () => undefined, together: (metrics) => metrics };
}

function createFleet(): Fleet {
  const listeners = new Map<string, (text: string) => void>();
  const asked = new Map<number, (text: string | undefined) => void>();
  let questions = 0;

  process.on('message', (message) => {
    const said = toWorker.safeParse(message);
    if (!said.success) return;
    if (said.data.gateway === 'shared') listeners.get(said.data.topic)?.(said.data.text);
    else asked.get(said.data.question)?.(said.data.text);
  });

  async function allMetrics(): Promise<string | undefined> {
    const question = (questions += 1);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const late = setTimeout(() => resolve(undefined), METRICS_MS);
    asked.set(question, resolve);
    tell({ gateway: 'metrics', question });
    const text = await promise;
    clearTimeout(late);
    asked.delete(question);
    return text;
  }

  return {
    leads: process.env[NUMBER] === '1',
    share: (topic, text) => tell({ gateway: 'share', topic, text }),
    onShared: (topic, listener) => {
      listeners.set(topic, listener);
      tell({ gateway: 'catch-up', topic });
    },
    together: (metrics) => {
      // Its constructor alone makes prom-client answer the primary.
      const answering = new AggregatorRegistry();
      AggregatorRegistry.setRegistries(metrics.registry);
      return {
        ...metrics,
        expose: async () => {
          const text = await allMetrics();
          return text === undefined ? metrics.expose() : { contentType: answering.contentType, text };
        },
      };
    },
  };
}

function tell(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}

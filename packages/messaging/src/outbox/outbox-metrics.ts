import { singleFlight, withTimeout } from '@plaza/concurrency';
import { Gauge, type Registry } from 'prom-client';

/** The size of an outbox, read from the database with each scrape. */
export interface OutboxStats {
  readonly depth: number;
  /** The commit time of the oldest entry. */
  readonly oldest?: Date;
}

/** A scrape must not wait for a database that does not answer. */
const QUERY_TIMEOUT_MS = 1_000;

/** Two gauges for all outboxes of a service. An outbox whose database is away has no sample. */
export function createOutboxMetrics(registry: Registry, now: () => Date) {
  const outboxes = new Map<string, () => Promise<OutboxStats>>();

  /** Both gauges of one scrape use one reading. */
  const read = singleFlight(() => readAll(outboxes));

  const gauge = (name: string, help: string, value: (stats: OutboxStats) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['outbox'],
      registers: [registry],
      async collect() {
        const statsByOutbox = await read();
        this.reset();
        for (const [outbox, stats] of statsByOutbox) this.set({ outbox }, value(stats));
      },
    });

  gauge('messaging_outbox_depth', 'Events that wait in an outbox for the broker', ({ depth }) => depth);
  gauge(
    'messaging_outbox_oldest_seconds',
    'Age of the oldest event that waits in an outbox; 0 where none does',
    ({ oldest }) => (oldest === undefined ? 0 : Math.max(0, now().getTime() - oldest.getTime()) / 1000),
  );
  return {
    watch: (name: string, stats: () => Promise<OutboxStats>): void => {
      outboxes.set(name, stats);
    },
  };
}

async function readAll(outboxes: ReadonlyMap<string, () => Promise<OutboxStats>>) {
  const statsByOutbox = new Map<string, OutboxStats>();
  await Promise.all(
    [...outboxes].map(async ([name, stats]) => {
      const read = await withTimeout(stats(), QUERY_TIMEOUT_MS).catch(() => undefined);
      if (read !== undefined) statsByOutbox.set(name, read);
    }),
  );
  return statsByOutbox;
}

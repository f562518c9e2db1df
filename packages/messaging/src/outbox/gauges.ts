import { Gauge, type Registry } from 'prom-client';

/** How much waits in an outbox, asked of the database when someone scrapes. */
export interface OutboxLevel {
  readonly depth: number;
  /** When the oldest event that waits was committed. */
  readonly oldest?: Date;
}

const ASK_MS = 1_000;

/** Two gauges for all outboxes of a service; one whose database is away has no value for the moment. */
export function createOutboxGauges(registry: Registry, now: () => Date) {
  const outboxes = new Map<string, () => Promise<OutboxLevel>>();
  let reading: Promise<ReadonlyMap<string, OutboxLevel>> | undefined;

  /** Both gauges of one scrape are made from one reading. */
  const read = () => (reading ??= readAll(outboxes).finally(() => (reading = undefined)));

  const gauge = (name: string, help: string, value: (level: OutboxLevel) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['outbox'],
      registers: [registry],
      async collect() {
        const levels = await read();
        this.reset();
        for (const [outbox, level] of levels) this.set({ outbox }, value(level));
      },
    });

  gauge('messaging_outbox_depth', 'Events that wait in an outbox for the broker', ({ depth }) => depth);
  gauge(
    'messaging_outbox_oldest_seconds',
    'Age of the oldest event that waits in an outbox; 0 where none does',
    ({ oldest }) => (oldest === undefined ? 0 : Math.max(0, now().getTime() - oldest.getTime()) / 1000),
  );
  return {
    watch: (name: string, level: () => Promise<OutboxLevel>): void => {
      outboxes.set(name, level);
    },
  };
}

async function readAll(outboxes: ReadonlyMap<string, () => Promise<OutboxLevel>>) {
  const levels = new Map<string, OutboxLevel>();
  await Promise.all(
    [...outboxes].map(async ([name, level]) => {
      const read = await withinTime(level()).catch(() => undefined);
      if (read !== undefined) levels.set(name, read);
    }),
  );
  return levels;
}

/** A scrape must not wait for a database that does not answer. */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ASK_MS} ms`)), ASK_MS);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

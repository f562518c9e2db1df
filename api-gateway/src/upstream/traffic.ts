import { Counter, type Registry } from 'prom-client';

/** How often a version answered so, or did not answer (`error`). */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'error';

export type Counts = Readonly<Record<StatusClass, number>>;

const CLASSES = ['error', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** What became of the requests to one upstream, by the version that they went to. Counting costs an addition. */
export interface Traffic {
  /** @param status undefined where there was no answer. */
  count(version: string, status: number | undefined): void;
  byVersion(): ReadonlyMap<string, Counts>;
}

/** The traffic of an upstream, the same for the same name. */
export type TrafficOf = (upstream: string) => Traffic;

export function createTraffic(registry: Registry): TrafficOf {
  const all = new Map<string, Traffic>();
  registry.registerMetric(requestCounter(all));
  return (upstream) => {
    const known = all.get(upstream) ?? create();
    all.set(upstream, known);
    return known;
  };
}

function create(): Traffic {
  const counted = new Map<string, number[]>();
  return {
    count: (version, status) => {
      let counts = counted.get(version);
      if (counts === undefined) {
        counts = CLASSES.map(() => 0);
        counted.set(version, counts);
      }
      const index = status === undefined ? 0 : Math.min(5, Math.floor(status / 100));
      counts[index] = (counts[index] ?? 0) + 1;
    },
    byVersion: () => new Map([...counted].map(([version, counts]) => [version, named(counts)])),
  };
}

function named(counts: readonly number[]): Counts {
  const [error = 0, informed = 0, succeeded = 0, redirected = 0, refused = 0, failed = 0] = counts;
  return { error, '1xx': informed, '2xx': succeeded, '3xx': redirected, '4xx': refused, '5xx': failed };
}

/** Read when metrics are asked for. */
function requestCounter(all: ReadonlyMap<string, Traffic>): Counter<'upstream' | 'version' | 'status_class'> {
  return new Counter({
    name: 'gateway_upstream_requests_total',
    help: 'Requests by the upstream and the version that they went to, and by what came of it',
    labelNames: ['upstream', 'version', 'status_class'],
    registers: [],
    collect() {
      this.reset();
      for (const [upstream, traffic] of all)
        for (const [version, counts] of traffic.byVersion())
          for (const status_class of CLASSES)
            if (counts[status_class] > 0) this.inc({ upstream, version, status_class }, counts[status_class]);
    },
  });
}

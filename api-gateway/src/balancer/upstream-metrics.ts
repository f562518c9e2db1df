import { Counter, type Registry } from 'prom-client';

/** `error` means that there was no response. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'error';

export type StatusCounts = Readonly<Record<StatusClass, number>>;

const STATUS_CLASSES = ['error', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Counts the requests to one upstream by version and result. A count costs one addition. */
export interface RequestMetrics {
  /** @param status undefined if there was no response. */
  recordResponse(version: string, status: number | undefined): void;
  countsByVersion(): ReadonlyMap<string, StatusCounts>;
}

/** The metrics of an upstream; the same object for the same name. */
export type UpstreamMetrics = (upstream: string) => RequestMetrics;

export function createUpstreamMetrics(registry: Registry): UpstreamMetrics {
  const all = new Map<string, RequestMetrics>();
  registry.registerMetric(requestCounter(all));
  return (upstream) => {
    const known = all.get(upstream) ?? createCounts();
    all.set(upstream, known);
    return known;
  };
}

function createCounts(): RequestMetrics {
  const counted = new Map<string, number[]>();
  return {
    recordResponse: (version, status) => {
      let counts = counted.get(version);
      if (counts === undefined) {
        counts = STATUS_CLASSES.map(() => 0);
        counted.set(version, counts);
      }
      const index = status === undefined ? 0 : Math.min(5, Math.floor(status / 100));
      counts[index] = (counts[index] ?? 0) + 1;
    },
    countsByVersion: () =>
      new Map([...counted].map(([version, counts]) => [version, toStatusCounts(counts)])),
  };
}

function toStatusCounts(counts: readonly number[]): StatusCounts {
  const [error = 0, informed = 0, succeeded = 0, redirected = 0, refused = 0, failed = 0] = counts;
  return { error, '1xx': informed, '2xx': succeeded, '3xx': redirected, '4xx': refused, '5xx': failed };
}

/** Collected when metrics are scraped. */
function requestCounter(
  all: ReadonlyMap<string, RequestMetrics>,
): Counter<'upstream' | 'version' | 'status_class'> {
  return new Counter({
    name: 'gateway_upstream_requests_total',
    help: 'Requests by the upstream and the version that they went to, and by what came of it',
    labelNames: ['upstream', 'version', 'status_class'],
    registers: [],
    collect() {
      this.reset();
      for (const [upstream, requestMetrics] of all)
        for (const [version, counts] of requestMetrics.countsByVersion())
          for (const status_class of STATUS_CLASSES)
            if (counts[status_class] > 0) this.inc({ upstream, version, status_class }, counts[status_class]);
    },
  });
}

import {
  Counter,
  Histogram,
  type CounterConfiguration,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';

/** What a registry of prom-client calls of its metrics; its own type asks for one of its four classes. */
interface RegistrableMetric {
  readonly name: string;
  get(): Promise<object>;
  reset(): void;
}

declare module 'prom-client' {
  interface Registry<BoundRegistryContentType extends RegistryContentType> {
    registerMetric(metric: RegistrableMetric): void;
  }
}

type Labels<Name extends string> = Readonly<Record<Name, string | number>>;

interface BoundBuckets {
  readonly labels: Labels<string>;
  /** Values by their bucket; the last bucket is for values above all bounds. */
  readonly buckets: number[];
  sum: number;
}

interface BoundCount<Name extends string> {
  readonly labels: Labels<Name>;
  count: number;
}

/**
 * A histogram for values of every request. `bind` checks and looks up the labels once, not for each value: a value
 * costs 0.1 µs, in place of 1.5 with prom-client's histogram.
 */
export class PreboundHistogram<Name extends string> {
  readonly name: string;
  readonly #bounds: readonly number[];
  /** Gets no values: it checks the configuration, and knows the other properties that prom-client exposes. */
  readonly #metadata: Histogram<Name>;
  readonly #series = new Map<string, BoundBuckets>();

  constructor(configuration: HistogramConfiguration<Name> & { readonly buckets: number[] }) {
    this.name = configuration.name;
    this.#bounds = configuration.buckets;
    this.#metadata = new Histogram({ ...configuration, registers: [] });
    for (const registry of configuration.registers ?? []) registry.registerMetric(this);
  }

  /** The function that observes values under these labels. Keep it for further values. */
  bind(labels: Labels<Name>): (value: number) => void {
    const bounds = this.#bounds;
    const key = toLabelKey(labels);
    const series = this.#series.get(key) ?? { labels, buckets: [...bounds, Infinity].map(() => 0), sum: 0 };
    this.#series.set(key, series);
    return (value) => {
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
      series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
      series.sum += value;
    };
  }

  async get(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    const values = [...this.#series.values()].flatMap((series) => this.#valuesOf(series));
    return { ...(await this.#metadata.get()), values };
  }

  reset(): void {
    for (const series of this.#series.values()) {
      series.buckets.fill(0);
      series.sum = 0;
    }
  }

  #valuesOf({ labels, buckets, sum }: BoundBuckets): MetricValueWithName<string>[] {
    let count = 0;
    const cumulative = buckets.map((inBucket, index) => {
      count += inBucket;
      const le = this.#bounds[index] ?? '+Inf';
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...cumulative,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}

/** A counter for every request. `bind` looks up the labels once; prom-client's counter gets the counts when it is read. */
export class PreboundCounter<Name extends string> {
  readonly name: string;
  readonly #counter: Counter<Name>;
  readonly #series = new Map<string, BoundCount<Name>>();

  constructor(configuration: Omit<CounterConfiguration<Name>, 'collect'>) {
    const series = this.#series;
    this.name = configuration.name;
    this.#counter = new Counter({
      ...configuration,
      registers: [],
      collect() {
        for (const bound of series.values()) {
          this.inc(bound.labels, bound.count);
          bound.count = 0;
        }
      },
    });
    for (const registry of configuration.registers ?? []) registry.registerMetric(this);
  }

  /** The function that counts one under these labels. Keep it for further ones. */
  bind(labels: Labels<Name>): () => void {
    const key = toLabelKey(labels);
    const series = this.#series.get(key) ?? { labels, count: 0 };
    this.#series.set(key, series);
    return () => {
      series.count += 1;
    };
  }

  /** Adds under labels that are not bound. */
  inc(labels: Labels<Name>, value = 1): void {
    this.#counter.inc(labels, value);
  }

  get(): ReturnType<Counter<Name>['get']> {
    return this.#counter.get();
  }

  reset(): void {
    this.#counter.reset();
    for (const series of this.#series.values()) series.count = 0;
  }
}

function toLabelKey(labels: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

import {
  Counter,
  Histogram,
  type CounterConfiguration,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';

type Labels<Name extends string> = Readonly<Record<Name, string | number>>;

interface BoundBuckets<Name extends string> {
  readonly labels: Labels<Name>;
  /** Values by the bucket that they fall into, the last for those above all bounds. */
  readonly buckets: number[];
  sum: number;
}

interface BoundCount<Name extends string> {
  readonly labels: Labels<Name>;
  count: number;
}

interface SharedLabelsValue<Name extends string> extends MetricValueWithName<'le'> {
  readonly sharedLabels: Labels<Name>;
}

/**
 * A histogram of prom-client for who observes at every request: its labels are checked and looked up once, by
 * `bind`, and not for each value, which costs 0.1 µs instead of 1.5.
 */
export class PreboundHistogram<Name extends string> extends Histogram<Name> {
  readonly #name: string;
  readonly #bounds: readonly number[];
  /** Has no values; says what prom-client says of a histogram beside them. */
  readonly #metadata: Histogram<Name>;
  readonly #boundBuckets = new Map<string, BoundBuckets<Name>>();

  constructor(configuration: HistogramConfiguration<Name> & { readonly buckets: number[] }) {
    super(configuration);
    this.#name = configuration.name;
    this.#bounds = configuration.buckets;
    this.#metadata = new Histogram({ ...configuration, registers: [] });
    this.observe = this.#rejectUnbound;
    this.labels = this.#rejectUnbound;
  }

  readonly #rejectUnbound = (): never => {
    throw new Error(`Values of ${this.#name} are observed by bind().`);
  };

  /** What observes values under these labels; to be kept by who has more of them. */
  bind(labels: Labels<Name>): (value: number) => void {
    const bounds = this.#bounds;
    const key = toLabelKey(labels);
    const counts = this.#boundBuckets.get(key) ?? {
      labels,
      buckets: [...bounds, Infinity].map(() => 0),
      sum: 0,
    };
    this.#boundBuckets.set(key, counts);
    return (value) => {
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
      counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + 1;
      counts.sum += value;
    };
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<Name>>> {
    const exposed = await this.getForPromString();
    const values = exposed.values.map(({ sharedLabels, labels, ...value }) => ({
      ...value,
      labels: { ...sharedLabels, ...labels },
    }));
    return { ...exposed, values };
  }

  /** What prom-client's registry makes text of; values of one series share their labels' text. */
  async getForPromString(): Promise<MetricObjectWithValues<SharedLabelsValue<Name>>> {
    const values = [...this.#boundBuckets.values()].flatMap((counts) => this.#valuesOf(counts));
    return { ...(await this.#metadata.get()), values };
  }

  override reset(): void {
    // prom-client's constructor calls it as well.
    if (!(#boundBuckets in this)) return;
    for (const counts of this.#boundBuckets.values()) {
      counts.buckets.fill(0);
      counts.sum = 0;
    }
  }

  #valuesOf({ labels: sharedLabels, buckets, sum }: BoundBuckets<Name>): SharedLabelsValue<Name>[] {
    let count = 0;
    const named = (suffix: string, value: number, labels: { le?: number | string } = {}) => ({
      metricName: `${this.#name}_${suffix}`,
      labels,
      sharedLabels,
      value,
    });
    const cumulative = buckets.map((inBucket, index) => {
      count += inBucket;
      return named('bucket', count, { le: this.#bounds[index] ?? '+Inf' });
    });
    return [...cumulative, named('sum', sum), named('count', count)];
  }
}

/** A counter of prom-client for who counts at every request: its labels are looked up when it is read. */
export class PreboundCounter<Name extends string> extends Counter<Name> {
  readonly #boundCounts: Map<string, BoundCount<Name>>;

  constructor(configuration: Omit<CounterConfiguration<Name>, 'collect'>) {
    const boundCounts = new Map<string, BoundCount<Name>>();
    super({
      ...configuration,
      collect() {
        for (const boundCount of boundCounts.values()) {
          this.inc(boundCount.labels, boundCount.count);
          boundCount.count = 0;
        }
      },
    });
    this.#boundCounts = boundCounts;
  }

  /** What counts one under these labels; to be kept by who counts more of them. */
  bind(labels: Labels<Name>): () => void {
    const key = toLabelKey(labels);
    const boundCount = this.#boundCounts.get(key) ?? { labels, count: 0 };
    this.#boundCounts.set(key, boundCount);
    return () => {
      boundCount.count += 1;
    };
  }

  override reset(): void {
    super.reset();
    // prom-client's constructor calls it as well.
    if (#boundCounts in this) for (const boundCount of this.#boundCounts.values()) boundCount.count = 0;
  }
}

function toLabelKey(labels: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

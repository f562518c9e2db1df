import {
  Counter,
  Histogram,
  type CounterConfiguration,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';

type Labels<Name extends string> = Readonly<Record<Name, string | number>>;

interface Counts<Name extends string> {
  readonly labels: Labels<Name>;
  /** Values by the bucket that they fall into, the last for those above all bounds. */
  readonly buckets: number[];
  sum: number;
}

interface Tally<Name extends string> {
  readonly labels: Labels<Name>;
  count: number;
}

interface SharingLabels<Name extends string> extends MetricValueWithName<'le'> {
  readonly sharedLabels: Labels<Name>;
}

/**
 * A histogram of prom-client for who observes at every request: its labels are checked and looked up once, by
 * `tally`, and not for each value, which costs 0.1 µs instead of 1.5.
 */
export class TalliedHistogram<Name extends string> extends Histogram<Name> {
  readonly #name: string;
  readonly #bounds: readonly number[];
  /** Has no values; says what prom-client says of a histogram beside them. */
  readonly #described: Histogram<Name>;
  readonly #counts = new Map<string, Counts<Name>>();

  constructor(configuration: HistogramConfiguration<Name> & { readonly buckets: number[] }) {
    super(configuration);
    this.#name = configuration.name;
    this.#bounds = configuration.buckets;
    this.#described = new Histogram({ ...configuration, registers: [] });
    this.observe = this.#lost;
    this.labels = this.#lost;
  }

  readonly #lost = (): never => {
    throw new Error(`Values of ${this.#name} are observed by tally().`);
  };

  /** What observes values under these labels; to be kept by who has more of them. */
  tally(labels: Labels<Name>): (value: number) => void {
    const bounds = this.#bounds;
    const key = keyOf(labels);
    const counts = this.#counts.get(key) ?? { labels, buckets: [...bounds, Infinity].map(() => 0), sum: 0 };
    this.#counts.set(key, counts);
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
  async getForPromString(): Promise<MetricObjectWithValues<SharingLabels<Name>>> {
    const values = [...this.#counts.values()].flatMap((counts) => this.#valuesOf(counts));
    return { ...(await this.#described.get()), values };
  }

  override reset(): void {
    // prom-client's constructor calls it as well.
    if (!(#counts in this)) return;
    for (const counts of this.#counts.values()) {
      counts.buckets.fill(0);
      counts.sum = 0;
    }
  }

  #valuesOf({ labels: sharedLabels, buckets, sum }: Counts<Name>): SharingLabels<Name>[] {
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
export class TalliedCounter<Name extends string> extends Counter<Name> {
  readonly #tallies: Map<string, Tally<Name>>;

  constructor(configuration: Omit<CounterConfiguration<Name>, 'collect'>) {
    const tallies = new Map<string, Tally<Name>>();
    super({
      ...configuration,
      collect() {
        for (const tally of tallies.values()) {
          this.inc(tally.labels, tally.count);
          tally.count = 0;
        }
      },
    });
    this.#tallies = tallies;
  }

  /** What counts one under these labels; to be kept by who counts more of them. */
  tally(labels: Labels<Name>): () => void {
    const key = keyOf(labels);
    const tally = this.#tallies.get(key) ?? { labels, count: 0 };
    this.#tallies.set(key, tally);
    return () => {
      tally.count += 1;
    };
  }

  override reset(): void {
    super.reset();
    // prom-client's constructor calls it as well.
    if (#tallies in this) for (const tally of this.#tallies.values()) tally.count = 0;
  }
}

function keyOf(labels: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

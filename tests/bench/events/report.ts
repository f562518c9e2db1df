export interface TransferMeasurement {
  /** Milliseconds of each event. */
  readonly lags: readonly number[];
  readonly perSecond: number;
  /** Microseconds an event. */
  readonly producerCpu: number;
  readonly consumerCpu: number;
}

/** `raw`: the broker alone. `plaza`: the whole way from a commit to the end of its handler. */
export type TransferComparison = Record<'raw' | 'plaza', TransferMeasurement[]>;

export interface EventBenchResult {
  /** At a steady rate. */
  readonly paced: TransferComparison;
  /** As fast as possible, with many in flight. */
  readonly fast: TransferComparison;
  /** One message at a time. */
  readonly alone: TransferMeasurement;
  /** Commits without events. */
  readonly bare: TransferMeasurement;
}

export interface EventBenchSettings {
  readonly rounds: number;
  readonly rate: number;
  readonly atRate: number;
  readonly asFast: number;
}

const row = (name: string, ...cells: string[]) =>
  name.padEnd(34) + cells.map((cell) => cell.padStart(20)).join('');
const sortedLags = (all: readonly TransferMeasurement[]) =>
  all.flatMap(({ lags }) => lags).toSorted((a, b) => a - b);
const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
const median = (values: readonly number[]) =>
  percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const medianRate = (all: readonly TransferMeasurement[]) => median(all.map(({ perSecond }) => perSecond));
const micros = (all: readonly TransferMeasurement[], of: 'producerCpu' | 'consumerCpu') =>
  `${formatInteger(median(all.map((turn) => turn[of])))} µs`;
const ms = (value: number) => `${value.toFixed(1)} ms`;
const formatInteger = (value: number) => value.toFixed(0);

/** A table of medians. */
export function renderReport(
  { paced, fast, alone, bare }: EventBenchResult,
  { rounds, rate, atRate, asFast }: EventBenchSettings,
): string {
  const [broker, plaza] = [sortedLags(paced.raw), sortedLags(paced.plaza)];
  const lines = [
    row('', 'the broker alone', 'commit to handled'),
    row(`p50 at ${rate}/s`, ms(percentile(broker, 0.5)), ms(percentile(plaza, 0.5))),
    row(`p99 at ${rate}/s`, ms(percentile(broker, 0.99)), ms(percentile(plaza, 0.99))),
    row('events/s, pipelined', formatInteger(medianRate(fast.raw)), formatInteger(medianRate(fast.plaza))),
    row('events/s, one confirm at a time', formatInteger(alone.perSecond)),
    row(`producer CPU at ${rate}/s`, micros(paced.raw, 'producerCpu'), micros(paced.plaza, 'producerCpu')),
    row(`consumer CPU at ${rate}/s`, micros(paced.raw, 'consumerCpu'), micros(paced.plaza, 'consumerCpu')),
    row('producer CPU, pipelined', micros(fast.raw, 'producerCpu'), micros(fast.plaza, 'producerCpu')),
    row('consumer CPU, pipelined', micros(fast.raw, 'consumerCpu'), micros(fast.plaza, 'consumerCpu')),
    row('commits/s without an event', '', formatInteger(bare.perSecond)),
    row('CPU of a commit without an event', '', micros([bare], 'producerCpu')),
  ];
  const head = `${rounds} turns each of ${atRate} events at ${rate}/s and of ${asFast} pipelined; CPU an event; medians of turns.`;
  return `${head}\n\n${lines.join('\n')}\n`;
}

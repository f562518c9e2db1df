import { cpus, totalmem } from 'node:os';
import { PINNING } from '../process/cpu-pinning.ts';
import type { ProcessMeasurement } from '../load/measure.ts';
import type { GatewayBuild } from './build.ts';
import type { MeasurementsByCompetitor } from './report.ts';

const FIGURES = [
  { title: 'CPU a request', figure: 'cpu' },
  { title: 'p99', figure: 'p99' },
  { title: 'requests/s', figure: 'perSecond' },
] as const;

/** The machine, Node and the commits of a run. */
export function describeRun(now: GatewayBuild, before: GatewayBuild | undefined): string {
  const processors = cpus();
  const model = processors[0]?.model ?? 'unknown processor';
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  const machine = `${model}, ${processors.length} cores, ${gigabytes} GB`;
  const builds = before === undefined ? now.commit : `now ${now.commit}, before ${before.commit}`;
  return `${machine}; Node ${process.version}; ${PINNING}.\nBuild: ${builds}.`;
}

/**
 * What this build needs of what the other one does: the median of the rounds' ratios, and the range of the middle half
 * of them. Both builds of a round ran directly one after the other. With several starts, the median of each follows:
 * two processes of one build differ by up to 15 %.
 */
export function renderRatios(measurements: MeasurementsByCompetitor, starts: number): string {
  const now = measurements.get('ours') ?? [];
  const before = measurements.get('before') ?? [];
  return FIGURES.map(({ title, figure }) => {
    const ratios = getRatios(now, before, figure);
    const sorted = ratios.toSorted((one, other) => one - other);
    const spread = `${format(quantile(sorted, 0.25))} to ${format(quantile(sorted, 0.75))}`;
    return `now/before ${title.padEnd(14)} ${format(quantile(sorted, 0.5))}  (${spread})${formatStarts(ratios, starts)}`;
  }).join('\n');
}

function getRatios(
  now: readonly ProcessMeasurement[],
  before: readonly ProcessMeasurement[],
  figure: (typeof FIGURES)[number]['figure'],
): number[] {
  return now.flatMap((turn, round) => {
    const other = before[round];
    return other === undefined ? [] : [turn[figure] / other[figure]];
  });
}

function formatStarts(ratios: readonly number[], starts: number): string {
  if (starts === 1) return '';
  const rounds = ratios.length / starts;
  const medians = Array.from({ length: starts }, (_, start) =>
    quantile(
      ratios.slice(start * rounds, (start + 1) * rounds).toSorted((one, other) => one - other),
      0.5,
    ),
  );
  return `  by start: ${medians.map(format).join(', ')}`;
}

/** Of sorted values, between two of them by their distance. */
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

const format = (ratio: number) => ratio.toFixed(3);

import type { MeasuredProcess } from '../process/measured-process.ts';
import type { LoadGenerator, LoadJob, LoadMeasurement } from './load-generator.ts';

/** The figures of one turn of one process. */
export interface ProcessMeasurement extends LoadMeasurement {
  /** The process's CPU microseconds, user and system, divided by its requests. */
  readonly cpu: number;
  readonly perSecond: number;
  /** Resident megabytes at the end of the turn. */
  readonly memory: number;
}

export type MeasureOptions = Omit<LoadJob, 'url'>;

export async function measureProcess(
  process: MeasuredProcess,
  load: LoadGenerator,
  options: MeasureOptions,
): Promise<ProcessMeasurement> {
  const before = await process.usage();
  const result = await load.run({ ...options, url: process.url });
  const after = await process.usage();
  return {
    ...result,
    cpu: (after.cpuMicros - before.cpuMicros) / result.requests,
    perSecond: result.requests / result.seconds,
    memory: after.residentBytes / 1_048_576,
  };
}

/** The median of each figure. */
export function medianMeasurement(measurements: readonly ProcessMeasurement[]): ProcessMeasurement {
  const of = (figure: keyof ProcessMeasurement) =>
    median(measurements.map((measurement) => measurement[figure]));
  return {
    cpu: of('cpu'),
    perSecond: of('perSecond'),
    memory: of('memory'),
    requests: of('requests'),
    seconds: of('seconds'),
    p50: of('p50'),
    p99: of('p99'),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

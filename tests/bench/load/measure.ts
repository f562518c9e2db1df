import type { MeasuredChild } from '../process/child.ts';
import type { Load, Order, Outcome } from './load.ts';

/** What one turn of one of them came to. */
export interface Turn extends Outcome {
  /** CPU microseconds of its own, user and system, by request. */
  readonly cpu: number;
  readonly perSecond: number;
  /** Resident megabytes at its end. */
  readonly memory: number;
}

export type What = Omit<Order, 'url'>;

export async function measure(process: MeasuredChild, load: Load, what: What): Promise<Turn> {
  const before = await process.usage();
  const outcome = await load.drive({ ...what, url: process.url });
  const after = await process.usage();
  return {
    ...outcome,
    cpu: (after.cpuMicros - before.cpuMicros) / outcome.requests,
    perSecond: outcome.requests / outcome.seconds,
    memory: after.residentBytes / 1_048_576,
  };
}

/** The middle turn in each figure. */
export function middle(turns: readonly Turn[]): Turn {
  const of = (figure: keyof Turn) => median(turns.map((turn) => turn[figure]));
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

import { z } from 'zod';

/**
 * `plaza`: from a commit to a handler's write. `raw`: amqplib alone, from publish to consume, same size.
 * `commit`: the commit alone, without an event.
 */
const way = z.enum(['plaza', 'raw', 'commit']);
export type BenchVariant = z.output<typeof way>;

/** A job for a worker, which replies with one `Timings`. */
export const benchJob = z.object({
  way,
  /** Identifies the events of one turn. */
  turn: z.string(),
  count: z.int(),
  /** Events a second; 0 for as fast as possible. */
  rate: z.number(),
  /** The most events in flight at a time. */
  atOnce: z.int(),
});
export type BenchJob = z.output<typeof benchJob>;

export const timings = z.object({
  /** Microseconds since 1970 by the number of the event in its turn. */
  at: z.array(z.number()),
  cpuMicros: z.number(),
});
export type Timings = z.output<typeof timings>;

/** The wall clock, which all processes of one machine share. */
export const microsNow = (): number => (performance.timeOrigin + performance.now()) * 1_000;

export const EXCHANGE = 'bench_events';
export const RAW_QUEUE = 'bench.raw';
export const EVENT = 'thing.named';

export interface Backoff {
  /** Milliseconds of the first delay, before jitter. */
  readonly firstMs: number;
  /** Milliseconds of the longest delay, before jitter. */
  readonly maxMs: number;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Milliseconds to wait after a number of failures (0 for the first): doubles from `firstMs` up to `maxMs`. Half of
 * `firstMs` plus a random part of the rest ("full jitter"), so that the replicas of a service do not retry
 * at the same time (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 */
export function backoffDelay(failures: number, { firstMs, maxMs, random = Math.random }: Backoff): number {
  return Math.round(firstMs / 2 + random() * Math.min(maxMs, firstMs * 2 ** failures));
}

/** Milliseconds without coalescing after a response that could not be cached. */
const UNCACHEABLE_MS = 10_000;
const MAX_UNCACHEABLE = 10_000;

/** Request coalescing (single flight): one upstream request for equal requests, which wait for its response. */
export interface RequestCoalescer {
  /** Resolves when the upstream request has ended; undefined if there is none. */
  inFlight(key: string): Promise<void> | undefined;
  /** Undefined if a request is in flight or not worth waiting for. The caller must call `complete`. */
  start(key: string): InFlightRequest | undefined;
}

export interface InFlightRequest {
  /** @param kept true if the response is in the cache. */
  complete(kept: boolean): void;
}

export function createRequestCoalescer(now: () => number): RequestCoalescer {
  const inFlight = new Map<string, Promise<void>>();
  const uncacheable = new Map<string, number>();

  function isWorthWaiting(key: string): boolean {
    return (uncacheable.get(key) ?? 0) <= now();
  }

  function markUncacheable(key: string): void {
    uncacheable.delete(key);
    uncacheable.set(key, now() + UNCACHEABLE_MS);
    const oldest = uncacheable.keys().next();
    if (uncacheable.size > MAX_UNCACHEABLE && oldest.done !== true) uncacheable.delete(oldest.value);
  }

  return {
    inFlight: (key) => inFlight.get(key),
    start: (key) => {
      if (inFlight.has(key) || !isWorthWaiting(key)) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      inFlight.set(key, promise);
      return {
        complete: (kept) => {
          if (inFlight.get(key) !== promise) return;
          inFlight.delete(key);
          if (kept) uncacheable.delete(key);
          else markUncacheable(key);
          resolve();
        },
      };
    },
  };
}

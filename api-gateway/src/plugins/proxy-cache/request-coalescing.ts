/** Milliseconds for which nobody waits for an answer that could not be kept. */
const UNCACHEABLE_MS = 10_000;
const MAX_UNCACHEABLE = 10_000;

/** Lets one request ask the service, while those for the same answer wait for it. */
export interface RequestCoalescer {
  /** Resolves when whoever asks has an answer or none; undefined where nobody asks. */
  inFlight(key: string): Promise<void> | undefined;
  /** Whoever starts must complete. */
  start(key: string): InFlightRequest | undefined;
}

export interface InFlightRequest {
  /** @param kept whether the others find an answer now. */
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

/** Milliseconds for which nobody waits for an answer that could not be kept. */
const NOT_WORTH_WAITING_MS = 10_000;
const MOST = 10_000;

/** Lets one request ask the service, while those for the same answer wait for it. */
export interface Flights {
  /** Resolves when whoever asks has an answer or none; undefined where nobody asks. */
  underWay(key: string): Promise<void> | undefined;
  /** Whoever begins must land. */
  begin(key: string): Flight | undefined;
}

export interface Flight {
  /** @param kept whether the others find an answer now. */
  land(kept: boolean): void;
}

export function createFlights(now: () => number): Flights {
  const flying = new Map<string, Promise<void>>();
  const uncacheable = new Map<string, number>();

  function isWorthWaiting(key: string): boolean {
    return (uncacheable.get(key) ?? 0) <= now();
  }

  function avoid(key: string): void {
    uncacheable.delete(key);
    uncacheable.set(key, now() + NOT_WORTH_WAITING_MS);
    const oldest = uncacheable.keys().next();
    if (uncacheable.size > MOST && oldest.done !== true) uncacheable.delete(oldest.value);
  }

  return {
    underWay: (key) => flying.get(key),
    begin: (key) => {
      if (flying.has(key) || !isWorthWaiting(key)) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      flying.set(key, promise);
      return {
        land: (kept) => {
          if (flying.get(key) !== promise) return;
          flying.delete(key);
          if (kept) uncacheable.delete(key);
          else avoid(key);
          resolve();
        },
      };
    },
  };
}

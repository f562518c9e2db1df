/** The waiting requests of Consul's blocking queries. */
export interface BlockingQueries {
  /** Resolves when `changed` is true after a notification, after `waitMs`, on abort, or on release. */
  wait(changed: () => boolean, waitMs: number, signal: AbortSignal): Promise<void>;
  /** Something changed: each query checks its own condition. */
  notifyAll(): void;
  /** Ends all queries, and later ones at once. */
  releaseAll(): void;
  readonly released: boolean;
  readonly count: number;
}

export function createBlockingQueries(): BlockingQueries {
  const waiting = new Set<{ changed: () => boolean; resume: () => void }>();
  const queries = {
    released: false,
    get count() {
      return waiting.size;
    },
    wait: (changed: () => boolean, waitMs: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (changed() || signal.aborted || queries.released) {
          resolve();
          return;
        }
        const resume = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', resume);
          waiting.delete(query);
          resolve();
        };
        const timer = setTimeout(resume, waitMs);
        const query = { changed, resume };
        signal.addEventListener('abort', resume);
        waiting.add(query);
      }),
    notifyAll: () => {
      for (const { changed, resume } of waiting) if (changed()) resume();
    },
    releaseAll: () => {
      queries.released = true;
      for (const { resume } of waiting) resume();
    },
  };
  return queries;
}

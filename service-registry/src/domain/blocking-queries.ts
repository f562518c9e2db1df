/** Who waits for a change of one service. */
export interface BlockingQueries {
  /** Resolves when `changed` says so at a wake-up, after `waitMs`, on abort, or on release. */
  wait(changed: () => boolean, waitMs: number, signal: AbortSignal): Promise<void>;
  /** Something changed: everybody looks whether it is theirs. */
  notifyAll(): void;
  /** Lets all go, and whoever comes later too. */
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

export interface SerialQueue {
  /** Runs `work` when all earlier work has settled. Resolves or rejects as `work` does. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all work that was passed to `run` so far has settled. */
  whenIdle(): Promise<void>;
}

/** Runs one piece of work at a time, in the order of calls. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
    whenIdle: async () => {
      await last;
    },
  };
}

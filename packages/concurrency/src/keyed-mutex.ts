/** A lock for each key; a key takes memory only while work of it waits or runs. */
export interface KeyedMutex {
  /**
   * Runs `work` when all earlier work of the key has settled: at once where there is none. Resolves or rejects as
   * `work` does.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether work of the key waits or runs. */
  isLocked(key: string): boolean;
  /** The keys of which work waits or runs. */
  lockedKeys(): string[];
  /** Their number. */
  size(): number;
  /** Resolves when all work that was passed to `run` so far has settled. */
  whenIdle(): Promise<void>;
}

/** Work of one key runs one after the other, in the order of calls; work of different keys runs concurrently. */
export function createKeyedMutex(): KeyedMutex {
  /** Of each locked key, the end of its last work. */
  const last = new Map<string, Promise<void>>();
  return {
    run: async (key, work) => {
      const before = last.get(key);
      const result = before === undefined ? work() : before.then(work);
      const settled = result.then(
        () => undefined,
        () => undefined,
      );
      last.set(key, settled);
      try {
        return await result;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
    isLocked: (key) => last.has(key),
    lockedKeys: () => [...last.keys()],
    size: () => last.size,
    whenIdle: async () => {
      await Promise.all(last.values());
    },
  };
}

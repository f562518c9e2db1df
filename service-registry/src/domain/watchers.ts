/** Who waits for a change of one service. */
export interface Watchers {
  /** Resolves when `changed` says so at a wake-up, after `waitMs`, on abort, or on release. */
  wait(changed: () => boolean, waitMs: number, signal: AbortSignal): Promise<void>;
  /** Something changed: everybody looks whether it is theirs. */
  wake(): void;
  /** Lets all go, and whoever comes later too. */
  release(): void;
  readonly released: boolean;
  readonly count: number;
}

export function createWatchers(): Watchers {
  const waiting = new Set<{ changed: () => boolean; go: () => void }>();
  const watchers = {
    released: false,
    get count() {
      return waiting.size;
    },
    wait: (changed: () => boolean, waitMs: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (changed() || signal.aborted || watchers.released) {
          resolve();
          return;
        }
        const go = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', go);
          waiting.delete(watcher);
          resolve();
        };
        const timer = setTimeout(go, waitMs);
        const watcher = { changed, go };
        signal.addEventListener('abort', go);
        waiting.add(watcher);
      }),
    wake: () => {
      for (const { changed, go } of waiting) if (changed()) go();
    },
    release: () => {
      watchers.released = true;
      for (const { go } of waiting) go();
    },
  };
  return watchers;
}

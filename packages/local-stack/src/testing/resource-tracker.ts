export type ReleaseResource = () => Promise<unknown>;

export interface ResourceTracker {
  /** Notes what a test file holds. `owner` is "worker/file"; the same worker's earlier file is over, and gives back all. */
  track(owner: string, release: ReleaseResource): void;
  /** Gives back what every file holds. */
  releaseAll(): Promise<void>;
}

/** Test files hold servers and namespaces until their worker process comes with the next file. */
export function createResourceTracker(): ResourceTracker {
  const held = new Map<string, { file: string; releases: ReleaseResource[] }>();

  async function release(releases: ReleaseResource[]): Promise<void> {
    // What cannot be given back any more (its server was killed, say) is no harm.
    await Promise.allSettled(releases.map((giveBack) => giveBack()));
  }

  return {
    track(owner, giveBack) {
      const [worker = '', file = ''] = owner.split('/');
      const before = held.get(worker);
      if (before?.file === file) {
        before.releases.push(giveBack);
      } else {
        held.set(worker, { file, releases: [giveBack] });
        void release(before?.releases ?? []);
      }
    },
    async releaseAll() {
      await Promise.all([...held.values()].map(({ releases }) => release(releases)));
      held.clear();
    },
  };
}

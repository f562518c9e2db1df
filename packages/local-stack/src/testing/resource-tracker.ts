export type ReleaseResource = () => Promise<unknown>;

export interface ResourceTracker {
  /** Records a resource of a test file. `owner` is "worker/file"; resources of the worker's earlier file are released. */
  track(owner: string, release: ReleaseResource): void;
  /** Releases the resources of all files. */
  releaseAll(): Promise<void>;
}

/** A test file holds servers and namespaces until its worker process runs the next file. */
export function createResourceTracker(): ResourceTracker {
  const held = new Map<string, { file: string; releases: ReleaseResource[] }>();

  async function release(releases: ReleaseResource[]): Promise<void> {
    // A failed release (the server was killed, for example) does no harm.
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

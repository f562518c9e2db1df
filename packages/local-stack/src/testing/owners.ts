export type Release = () => Promise<unknown>;

export interface Owners {
  /** Notes what a test file holds. `owner` is "worker/file"; the same worker's earlier file is over, and gives back all. */
  hold(owner: string, release: Release): void;
  /** Gives back what every file holds. */
  releaseAll(): Promise<void>;
}

/** Test files hold servers and spaces until their worker process comes with the next file. */
export function createOwners(): Owners {
  const held = new Map<string, { file: string; releases: Release[] }>();

  async function release(releases: Release[]): Promise<void> {
    // What cannot be given back any more (its server was killed, say) is no harm.
    await Promise.allSettled(releases.map((giveBack) => giveBack()));
  }

  return {
    hold(owner, giveBack) {
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

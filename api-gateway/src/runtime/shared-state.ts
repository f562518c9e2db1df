/** State of plugins that outlives a configuration. */
export interface SharedState {
  /** The state of this key: what is there already, else what `make` makes. */
  of<T>(key: string, make: () => T): T;
  /** Forgets what nobody has asked for since this was called last. */
  sweep(): void;
}

export function createSharedState(): SharedState {
  const states = new Map<string, unknown>();
  let wanted = new Set<string>();
  return {
    of: (key, make) => {
      wanted.add(key);
      if (!states.has(key)) states.set(key, make());
      // What stands under a key was made by the same plugin for the same key, so it is what `make` makes.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return states.get(key) as ReturnType<typeof make>;
    },
    sweep: () => {
      for (const key of states.keys()) if (!wanted.has(key)) states.delete(key);
      wanted = new Set();
    },
  };
}

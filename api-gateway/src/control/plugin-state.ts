/** State of plugins that outlives a configuration. */
export interface PluginStateStore {
  /** The state of this key: what is there already, else what `make` makes. */
  getOrCreate<T>(key: string, make: () => T): T;
  /** A new configuration has asked for all that it wants: forgets what it has not asked for. */
  commit(): void;
  /** It comes to nothing: forgets what was made for it alone. */
  rollBack(): void;
}

export function createPluginStateStore(): PluginStateStore {
  const states = new Map<string, unknown>();
  const wanted = new Set<string>();
  const made = new Set<string>();

  function forget(keys: Iterable<string>): void {
    for (const key of keys) states.delete(key);
    wanted.clear();
    made.clear();
  }

  return {
    getOrCreate: (key, make) => {
      wanted.add(key);
      if (!states.has(key)) {
        states.set(key, make());
        made.add(key);
      }
      // What stands under a key was made by the same plugin for the same key, so it is what `make` makes.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return states.get(key) as ReturnType<typeof make>;
    },
    commit: () => forget([...states.keys()].filter((key) => !wanted.has(key))),
    rollBack: () => forget([...made]),
  };
}

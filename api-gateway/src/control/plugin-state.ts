/** Plugin state that outlives a configuration. */
export interface PluginStateStore {
  /** The state of this key; created by `make` if there is none. */
  getOrCreate<T>(key: string, make: () => T): T;
  /** The new configuration has requested all its state: removes the rest. */
  commit(): void;
  /** The new configuration failed: removes the state that was created for it. */
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
      // The same plugin created it for the same key, so it has the type that `make` returns.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return states.get(key) as ReturnType<typeof make>;
    },
    commit: () => forget([...states.keys()].filter((key) => !wanted.has(key))),
    rollBack: () => forget([...made]),
  };
}

import type { InstanceChange } from './catalog.ts';
import { qualifiedName } from './instance.ts';

/** A change and when this replica saw it, in milliseconds since 1970. */
export interface TimestampedChange extends InstanceChange {
  readonly at: number;
}

export interface RecentlyChangedQueue {
  add(changes: readonly InstanceChange[], at: number): void;
  /** What is not too old, the latest last: the last change of each instance alone. */
  entries(now: number): readonly TimestampedChange[];
}

/** What happened to whom lately, for `retentionMs`; of more than `maxEntries` instances the latest. */
export function createRecentlyChangedQueue(retentionMs: number, maxEntries: number): RecentlyChangedQueue {
  /** In the order of `at`. */
  const byInstance = new Map<string, TimestampedChange>();

  function prune(now: number): void {
    for (const [name, { at }] of byInstance) {
      if (at > now - retentionMs && byInstance.size <= maxEntries) return;
      byInstance.delete(name);
    }
  }

  return {
    add: (changes, at) => {
      for (const change of changes) {
        const name = qualifiedName(change.instance);
        byInstance.delete(name);
        byInstance.set(name, { ...change, at });
      }
      prune(at);
    },
    entries: (now) => {
      prune(now);
      return [...byInstance.values()];
    },
  };
}

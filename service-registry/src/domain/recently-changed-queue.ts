import type { InstanceChange } from './catalog.ts';
import { qualifiedName } from './instance.ts';

/** A change and the time at which this replica read it, in milliseconds since 1970. */
export interface TimestampedChange extends InstanceChange {
  readonly at: number;
}

export interface RecentlyChangedQueue {
  add(changes: readonly InstanceChange[], at: number): void;
  /** The changes within the retention time, the latest last; only the last change of each instance. */
  entries(now: number): readonly TimestampedChange[];
}

/**
 * Eureka's recentlyChangedQueue: keeps changes for `retentionMs`, at most those of the latest `maxEntries` instances.
 */
export function createRecentlyChangedQueue(retentionMs: number, maxEntries: number): RecentlyChangedQueue {
  /** Sorted by `at`. */
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

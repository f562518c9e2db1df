import QuickLRU from 'quick-lru';
import type { RateLimit } from '../parse-limits.ts';
import type { RateLimitUsage } from './usage.ts';

/** Clients with a counter at most; the most recent ones are kept. */
const MAX_CLIENTS = 100_000;

interface Count {
  readonly used: number[];
  readonly resetAt: number[];
}

/** Counters of this process alone. */
export function createLocalCounters(now: () => number) {
  const clients = new QuickLRU<string, Count>({ maxSize: MAX_CLIENTS });

  function countOf(key: string, limits: readonly RateLimit[]): Count {
    const known = clients.get(key);
    if (known !== undefined) return known;
    const count = { used: limits.map(() => 0), resetAt: limits.map(() => 0) };
    clients.set(key, count);
    return count;
  }

  /** Counts one request in all windows, or in none if one is full. */
  return (key: string, limits: readonly RateLimit[]): RateLimitUsage & { readonly granted: number } => {
    const { used, resetAt } = countOf(key, limits);
    const at = now();
    let granted = 1;
    for (const [index, { requests, windowMs }] of limits.entries()) {
      if ((resetAt[index] ?? 0) <= at) {
        used[index] = 0;
        resetAt[index] = at + windowMs;
      }
      if ((used[index] ?? 0) >= requests) granted = 0;
    }
    if (granted === 1) for (const index of limits.keys()) used[index] = (used[index] ?? 0) + 1;
    return { granted, used: [...used], resetAt: [...resetAt] };
  };
}

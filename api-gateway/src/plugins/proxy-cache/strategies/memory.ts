import type { CachedResponse, CacheStore } from './index.ts';

interface Entry {
  readonly response: CachedResponse;
  readonly expiresAt: number;
  readonly bytes: number;
}

/** Approximate bytes of an entry besides its body and headers. */
const OVERHEAD_BYTES = 2_048;

/** Stores responses in this process. Above `maxBytes` the least recently used ones are removed. */
export function createMemoryStore(maxBytes: number, now: () => number): CacheStore {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.expiresAt <= now()) {
        remove(key);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return entry.response;
    },
    set: (key, response, forMs) => {
      remove(key);
      const entry = { response, expiresAt: now() + forMs, bytes: sizeInBytes(response) };
      entries.set(key, entry);
      bytes += entry.bytes;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) return;
        remove(oldest);
      }
    },
  };
}

/** Headers count twice: the response and its cache policy each have a copy. */
function sizeInBytes({ body, headers }: CachedResponse): number {
  const ofHeaders = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return body.length + 2 * ofHeaders + OVERHEAD_BYTES;
}

import type { CachedResponse, CacheStore } from './index.ts';

interface Entry {
  readonly response: CachedResponse;
  readonly expiresAt: number;
  readonly bytes: number;
}

/** Bytes that an answer takes besides its body and its headers, about. */
const OVERHEAD_BYTES = 2_048;

/** Keeps answers in this process; of too many bytes, those go first that were asked for least recently. */
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

/** Headers are there twice: as they are sent, and as they are judged by. */
function sizeInBytes({ body, headers }: CachedResponse): number {
  const ofHeaders = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return body.length + 2 * ofHeaders + OVERHEAD_BYTES;
}

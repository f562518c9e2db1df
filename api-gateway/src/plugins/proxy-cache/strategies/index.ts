import type CachePolicy from 'http-cache-semantics';

/** A cached response. */
export interface CachedResponse {
  /** Its age, and the requests that it may answer. */
  readonly policy: CachePolicy;
  readonly status: number;
  /** The service's headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** The storage of cached responses. An unavailable one has none. */
export interface CacheStore {
  get(key: string): CachedResponse | undefined | Promise<CachedResponse | undefined>;
  /** @param forMs milliseconds until the response is removed. */
  set(key: string, response: CachedResponse, forMs: number): void;
}

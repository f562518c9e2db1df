import type CachePolicy from 'http-cache-semantics';

/** An answer that is kept. */
export interface CachedResponse {
  /** Says how old it is and for whom it holds. */
  readonly policy: CachePolicy;
  readonly status: number;
  /** As the service sent them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Where answers are kept. What is away has none. */
export interface CacheStore {
  get(key: string): CachedResponse | undefined | Promise<CachedResponse | undefined>;
  /** @param forMs milliseconds. */
  set(key: string, response: CachedResponse, forMs: number): void;
}

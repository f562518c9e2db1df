import type { RateLimit } from '../parse-limits.ts';

/** How a client stands with its limits, one entry a limit. */
export interface RateLimitUsage {
  /** Requests that count against each limit, the leased ones as well. */
  readonly used: readonly number[];
  /** When each window ends; milliseconds since 1970. */
  readonly resetAt: readonly number[];
}

/** What is asked of a count: places for requests that wait, and more for those that are expected. */
export interface PermitRequest {
  readonly key: string;
  readonly limits: readonly RateLimit[];
  /** Requests that wait. */
  readonly demand: number;
  /** More places, if there is plenty of room. */
  readonly extra: number;
  /** Places taken before and not used, to be given back; one entry a limit. */
  readonly refunds: readonly number[];
}

export interface PermitGrant extends RateLimitUsage {
  /** Places: fewer than the demand where there is no room. */
  readonly granted: number;
}

/** One in so many of the places that are left is given out beyond the demand, so that others find room. */
export const LEASE_SHARE = 16;

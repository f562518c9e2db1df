import type { RateLimit } from '../parse-limits.ts';

/** A client's usage, one entry for each limit. */
export interface RateLimitUsage {
  /** Requests counted against each limit, leased permits included. */
  readonly used: readonly number[];
  /** End of each window, in milliseconds since 1970. */
  readonly resetAt: readonly number[];
}

/** Asks for permits: for waiting requests, and extra ones for expected requests. */
export interface PermitRequest {
  readonly key: string;
  readonly limits: readonly RateLimit[];
  /** Permits for waiting requests. */
  readonly demand: number;
  /** Extra permits, granted only if there is plenty of room. */
  readonly extra: number;
  /** Unused permits to give back, one entry for each limit. */
  readonly refunds: readonly number[];
}

export interface PermitGrant extends RateLimitUsage {
  /** Permits: fewer than the demand if there is no room. */
  readonly granted: number;
}

/** Extra permits are at most 1/16 of the remaining ones, so that other gateways find room. */
export const LEASE_SHARE = 16;

/**
 * Eureka's self-preservation. If many heartbeats stop at once, lost heartbeats are more likely than crashed
 * instances: then no instance is removed, for ten minutes at most.
 */
export interface SelfPreservation {
  readonly active: boolean;
  /** Its start and its latest end, in milliseconds since 1970, while it is active. */
  readonly since?: number;
  readonly until?: number;
  /** The number of leases and TTL checks with an expected renewal. */
  readonly expected: number;
  /** The number of them renewed within two thirds of their time. */
  readonly renewed: number;
}

export const NO_SELF_PRESERVATION: SelfPreservation = { active: false, expected: 0, renewed: 0 };

/** After ten minutes instances expire again. */
export const MAX_SELF_PRESERVATION_MS = 600_000;

/**
 * Below three missing renewals it does not start, whatever their share: one of three instances may crash and must be
 * removed.
 */
export const MIN_MISSING_RENEWALS = 3;

/** Eureka's rule: at least 85 % of the renewals must arrive. */
export const MAX_MISSING_RENEWALS_SHARE = 0.15;

/**
 * Whether silence is believed. Where many fall silent at once it is more likely that their heartbeats do not
 * arrive than that they are dead: nobody is taken out then, for ten minutes at most.
 */
export interface SelfPreservation {
  readonly active: boolean;
  /** Since when, and until when at most, in milliseconds since 1970; where it is active. */
  readonly since?: number;
  readonly until?: number;
  /** How many are expected to renew: leases and TTL checks. */
  readonly expected: number;
  /** How many of them have within two thirds of their lease. */
  readonly renewed: number;
}

export const NO_SELF_PRESERVATION: SelfPreservation = { active: false, expected: 0, renewed: 0 };

/** After ten minutes the silent ones go all the same. */
export const MAX_SELF_PRESERVATION_MS = 600_000;

/** Fewer than three silent ones are no mass, whatever their share: one of three may crash and must go. */
export const MIN_MISSING_RENEWALS = 3;

/** Eureka's rule: 85 % of the renewals must come. */
export const MAX_MISSING_RENEWALS_SHARE = 0.15;

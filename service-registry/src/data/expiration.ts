import type { SelfPreservation } from '../domain/self-preservation.ts';

export interface ExpirationOptions {
  /** The replica that expires instances. No other replica does so for `leaseMs`. */
  readonly owner: string;
  readonly leaseMs: number;
  /** After a gap of this many milliseconds between two runs, every instance gets `gracePeriodMs` to renew. */
  readonly outageThresholdMs: number;
  /** The same period starts when self-preservation ends because enough instances renew again. */
  readonly gracePeriodMs: number;
}

/** The result of one run: the instances it removed, the TTL checks it made critical, and a change of self-preservation. */
export interface ExpirationResult {
  /** `other`: another replica holds the lease; `held`: a grace period; `guarded`: self-preservation. */
  readonly kind: 'other' | 'held' | 'guarded' | 'swept';
  readonly selfPreservation: SelfPreservation;
  readonly selfPreservationChange?: 'began' | 'ended';
  readonly expiredInstances: readonly string[];
  readonly lateChecks: readonly string[];
}

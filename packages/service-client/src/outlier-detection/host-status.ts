import type { CircuitState } from '@plaza/resilience';

/** Failures that count against an instance: connection refused, no response in time, connection broken, status 5xx. */
export type FailureReason = 'refused' | 'late' | 'broken' | 'error';

export interface OutlierDetectionRules {
  /** Failures in a row that eject. Default 5, as Envoy's consecutive_5xx. */
  readonly failureThreshold: number;
  /** Other numbers for some failures; Infinity for never. Default: one refused connection. */
  readonly thresholdsByReason: Readonly<Partial<Record<FailureReason, number>>>;
  /** Milliseconds of the first probation; each further one is twice as long. Default 5,000. */
  readonly baseEjectionTimeMs: number;
  /** Milliseconds of the longest probation. Default 60,000. */
  readonly maxEjectionTimeMs: number;
}

export const DEFAULT_RULES: OutlierDetectionRules = {
  failureThreshold: 5,
  thresholdsByReason: { refused: 1 },
  baseEjectionTimeMs: 5_000,
  maxEjectionTimeMs: 60_000,
};

/** An instance that has been well for so long has its next probation halved: Envoy's interval. */
const DECAY_INTERVAL_MS = 10_000;

/** How one instance stands: calls under way, failures in a row, and its ejection where it has one. */
export class HostStatus {
  activeRequests = 0;
  ejected = false;
  /** Until when it is left out. */
  ejectedUntil = 0;
  readonly #rules: OutlierDetectionRules;
  #failures = 0;
  #probing = false;
  /** Calls that began since it was ejected: only these tell how it is now. */
  #startedSinceEjection = 0;
  #ejectionExponent = 0;
  #readmittedAt = 0;

  constructor(rules: OutlierDetectionRules) {
    this.#rules = rules;
  }

  get state(): CircuitState {
    if (!this.ejected) return 'CLOSED';
    return this.#probing ? 'HALF_OPEN' : 'OPEN';
  }

  isEjectedAt(now: number): boolean {
    return this.ejected && now < this.ejectedUntil;
  }

  /** Whether this call is its trial: while it lasts, it is the only one. */
  onStart(now: () => number): boolean {
    this.activeRequests += 1;
    if (!this.ejected) return false;
    this.#startedSinceEjection += 1;
    const at = now();
    if (this.isEjectedAt(at)) return false;
    this.#probing = true;
    this.ejectedUntil = at + this.#nextEjectionTime();
    return true;
  }

  /** Whether it is readmitted. */
  onSuccess(now: () => number): boolean {
    this.#decrementActive();
    this.#failures = 0;
    if (!this.ejected || this.#startedSinceEjection === 0) return false;
    this.ejected = false;
    this.#probing = false;
    this.#readmittedAt = now();
    return true;
  }

  /** The milliseconds for which it is ejected, if it is: for a refused connection, as a rule, at once. */
  onFailure(failure: FailureReason, now: () => number): number | undefined {
    this.#decrementActive();
    this.#failures += 1;
    const { failureThreshold, thresholdsByReason } = this.#rules;
    const tooMany = this.#failures >= (thresholdsByReason[failure] ?? failureThreshold);
    return (this.ejected ? this.#probing : tooMany) ? this.#eject(now()) : undefined;
  }

  /** Whether that was its trial, which is now due again. */
  onAbort(now: () => number): boolean {
    this.#decrementActive();
    if (!this.#probing) return false;
    this.#probing = false;
    this.ejectedUntil = now();
    return true;
  }

  #eject(at: number): number {
    const well = this.ejected ? 0 : Math.floor((at - this.#readmittedAt) / DECAY_INTERVAL_MS);
    this.#ejectionExponent = Math.max(0, this.#ejectionExponent - well);
    const probation = this.#nextEjectionTime();
    this.#ejectionExponent += 1;
    this.ejected = true;
    this.ejectedUntil = at + probation;
    this.#probing = false;
    this.#startedSinceEjection = 0;
    this.#failures = 0;
    return probation;
  }

  #nextEjectionTime(): number {
    const { baseEjectionTimeMs, maxEjectionTimeMs } = this.#rules;
    return Math.min(maxEjectionTimeMs, baseEjectionTimeMs * 2 ** this.#ejectionExponent);
  }

  /** Never below zero: a call may outlast what was known of its instance. */
  #decrementActive(): void {
    this.activeRequests = Math.max(0, this.activeRequests - 1);
  }
}

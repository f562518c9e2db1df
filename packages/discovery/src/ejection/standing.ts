import type { CircuitState } from '@plaza/resilience';

/** What speaks against an instance: nobody listens, no answer came in time, it broke off, it answered 5xx. */
export type Failure = 'refused' | 'late' | 'broken' | 'error';

export interface Rules {
  /** Failures in a row that eject. Default 5, as Envoy's consecutive_5xx. */
  readonly threshold: number;
  /** Other numbers for some failures; Infinity for never. Default: one refused connection. */
  readonly thresholds: Readonly<Partial<Record<Failure, number>>>;
  /** Milliseconds of the first probation; each further one is twice as long. Default 5,000. */
  readonly probationMs: number;
  /** Milliseconds of the longest probation. Default 60,000. */
  readonly mostProbationMs: number;
}

export const RULES: Rules = {
  threshold: 5,
  thresholds: { refused: 1 },
  probationMs: 5_000,
  mostProbationMs: 60_000,
};

/** An instance that has been well for so long has its next probation halved: Envoy's interval. */
const FORGIVE_MS = 10_000;

/** How one instance stands: calls under way, failures in a row, and its ejection where it has one. */
export class Standing {
  active = 0;
  ejected = false;
  /** Until when it is left out. */
  until = 0;
  readonly #rules: Rules;
  #failures = 0;
  #trying = false;
  /** Calls that began since it was ejected: only these tell how it is now. */
  #begunSince = 0;
  #doublings = 0;
  #readmittedAt = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  get state(): CircuitState {
    if (!this.ejected) return 'CLOSED';
    return this.#trying ? 'HALF_OPEN' : 'OPEN';
  }

  isLeftOut(now: number): boolean {
    return this.ejected && now < this.until;
  }

  /** Whether this call is its trial: while it lasts, it is the only one. */
  began(now: () => number): boolean {
    this.active += 1;
    if (!this.ejected) return false;
    this.#begunSince += 1;
    const at = now();
    if (this.isLeftOut(at)) return false;
    this.#trying = true;
    this.until = at + this.#nextProbation();
    return true;
  }

  /** Whether it is readmitted. */
  succeeded(now: () => number): boolean {
    this.#ended();
    this.#failures = 0;
    if (!this.ejected || this.#begunSince === 0) return false;
    this.ejected = false;
    this.#trying = false;
    this.#readmittedAt = now();
    return true;
  }

  /** The milliseconds for which it is ejected, if it is: for a refused connection, as a rule, at once. */
  failed(failure: Failure, now: () => number): number | undefined {
    this.#ended();
    this.#failures += 1;
    const { threshold, thresholds } = this.#rules;
    const tooMany = this.#failures >= (thresholds[failure] ?? threshold);
    return (this.ejected ? this.#trying : tooMany) ? this.#eject(now()) : undefined;
  }

  /** Whether that was its trial, which is now due again. */
  abandoned(now: () => number): boolean {
    this.#ended();
    if (!this.#trying) return false;
    this.#trying = false;
    this.until = now();
    return true;
  }

  #eject(at: number): number {
    const well = this.ejected ? 0 : Math.floor((at - this.#readmittedAt) / FORGIVE_MS);
    this.#doublings = Math.max(0, this.#doublings - well);
    const probation = this.#nextProbation();
    this.#doublings += 1;
    this.ejected = true;
    this.until = at + probation;
    this.#trying = false;
    this.#begunSince = 0;
    this.#failures = 0;
    return probation;
  }

  #nextProbation(): number {
    const { probationMs, mostProbationMs } = this.#rules;
    return Math.min(mostProbationMs, probationMs * 2 ** this.#doublings);
  }

  /** Never below zero: a call may outlast what was known of its instance. */
  #ended(): void {
    this.active = Math.max(0, this.active - 1);
  }
}

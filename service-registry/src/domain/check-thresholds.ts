import type { CheckStatus, HttpCheck, CheckState } from './check.ts';

const FAILURES_BEFORE_CRITICAL = 3;
const SUCCESSES_BEFORE_PASSING = 2;

/** A check's status, and its counters towards another one. */
export interface CheckCounters {
  readonly status: CheckStatus;
  /** Whether it had a result before: the first success counts at once. */
  readonly hasResult: boolean;
  /** Consecutive. */
  readonly failures: number;
  readonly successes: number;
}

/** Counters that start from the current status. */
export function initialCounters({ status, output }: Pick<CheckState, 'status' | 'output'>): CheckCounters {
  return { status, hasResult: output !== '', failures: 0, successes: 0 };
}

/**
 * Counts one probe. A single failure does not change the status, nor does a single success after critical: the check
 * says how many consecutive results do.
 */
export function countProbe(counters: CheckCounters, check: HttpCheck, result: CheckStatus): CheckCounters {
  const { status, hasResult } = counters;
  if (result === 'critical') {
    const failures = counters.failures + 1;
    const enough = failures >= (check.failuresBeforeCritical ?? FAILURES_BEFORE_CRITICAL);
    return { status: enough ? 'critical' : status, hasResult: hasResult || enough, failures, successes: 0 };
  }
  const successes = counters.successes + 1;
  const wanted = hasResult ? (check.successesBeforePassing ?? SUCCESSES_BEFORE_PASSING) : 1;
  const isAccepted = status !== 'critical' || successes >= wanted;
  return { status: isAccepted ? result : status, hasResult: hasResult || isAccepted, failures: 0, successes };
}

import type { CheckStatus, HttpCheck, CheckState } from './check.ts';

const FAILURES_BEFORE_CRITICAL = 3;
const SUCCESSES_BEFORE_PASSING = 2;

/** What a check came to, and what counts towards something else. */
export interface CheckCounters {
  readonly status: CheckStatus;
  /** Whether it ever had a result: until then, the first success counts. */
  readonly hasResult: boolean;
  /** In a row. */
  readonly failures: number;
  readonly successes: number;
}

/** Counting begins with the status that is there. */
export function initialCounters({ status, output }: Pick<CheckState, 'status' | 'output'>): CheckCounters {
  return { status, hasResult: output !== '', failures: 0, successes: 0 };
}

/**
 * One more probe. A single failure proves nothing, and neither does a single success of who was critical: only as
 * many in a row as the check wants change its status.
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

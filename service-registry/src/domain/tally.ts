import type { CheckStatus, HttpCheck, Verdict } from './check.ts';

const FAILURES_BEFORE_CRITICAL = 3;
const SUCCESSES_BEFORE_PASSING = 2;

/** What a check came to, and what counts towards something else. */
export interface Tally {
  readonly status: CheckStatus;
  /** Whether it was ever judged: until then, the first success is believed. */
  readonly judged: boolean;
  /** In a row. */
  readonly failures: number;
  readonly successes: number;
}

/** Counting begins with the verdict that is there. */
export function tallyOf({ status, output }: Pick<Verdict, 'status' | 'output'>): Tally {
  return { status, judged: output !== '', failures: 0, successes: 0 };
}

/**
 * One more probe. A single failure proves nothing, and neither does a single success of who was critical: only as
 * many in a row as the check wants change its status.
 */
export function counted(tally: Tally, check: HttpCheck, seen: CheckStatus): Tally {
  const { status, judged } = tally;
  if (seen === 'critical') {
    const failures = tally.failures + 1;
    const enough = failures >= (check.failuresBeforeCritical ?? FAILURES_BEFORE_CRITICAL);
    return { status: enough ? 'critical' : status, judged: judged || enough, failures, successes: 0 };
  }
  const successes = tally.successes + 1;
  const wanted = judged ? (check.successesBeforePassing ?? SUCCESSES_BEFORE_PASSING) : 1;
  const believed = status !== 'critical' || successes >= wanted;
  return { status: believed ? seen : status, judged: judged || believed, failures: 0, successes };
}

import { isTaskCancelledError, timeout, TimeoutStrategy } from 'cockatiel';
import { toPolicyEvent, type PolicyEvent } from './policy-events.ts';
import type { ResilienceMetrics } from './metrics.ts';
import { DeadlineExceeded } from './resilience.errors.ts';

export interface TimeoutPolicyOptions {
  readonly name: string;
  readonly metrics: ResilienceMetrics;
  readonly timeoutMs: number;
}

/** Work that must end in time. Costs 2 µs a call: an abort signal and a timer each. */
export interface TimeoutPolicy {
  /**
   * The signal aborts when time is up, so that the work can let go; it is not waited for.
   * @throws {DeadlineExceeded}, or what the work throws.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Work was late, with the milliseconds that it had. */
  readonly onTimeout: PolicyEvent<number>;
}

export function createTimeoutPolicy({ name, metrics, timeoutMs }: TimeoutPolicyOptions): TimeoutPolicy {
  const policy = timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  return {
    run: async (work) => {
      try {
        return await policy.execute(({ signal }) => work(signal));
      } catch (error) {
        if (!isTaskCancelledError(error)) throw error;
        metrics.rejected.inc({ name, reason: 'late' });
        throw new DeadlineExceeded(`${name} did not answer within ${timeoutMs} ms.`, {
          reason: 'response_timeout',
          cause: error,
        });
      }
    },
    onTimeout: toPolicyEvent(policy.onTimeout, () => timeoutMs),
  };
}

import { isTaskCancelledError, timeout, TimeoutStrategy } from 'cockatiel';
import type { ResilienceMetrics } from './metrics.ts';
import { DeadlineExceeded } from './resilience.errors.ts';

export interface DeadlineOptions {
  readonly name: string;
  readonly metrics: ResilienceMetrics;
  readonly milliseconds: number;
}

/**
 * Runs work that must end in time. The signal aborts when time is up, so that the work can let go; it is
 * not waited for.
 * @throws {DeadlineExceeded}, or what the work throws.
 */
export async function withDeadline<T>(
  { name, metrics, milliseconds }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await timeout(milliseconds, TimeoutStrategy.Aggressive).execute(({ signal }) => work(signal));
  } catch (error) {
    if (!isTaskCancelledError(error)) throw error;
    metrics.rejected.inc({ name, reason: 'late' });
    throw new DeadlineExceeded(`${name} did not answer within ${milliseconds} ms.`, { cause: error });
  }
}

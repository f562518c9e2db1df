import { bulkhead, isBulkheadRejectedError } from 'cockatiel';
import type { ResilienceMetrics } from './metrics.ts';
import { BulkheadFull } from './resilience.errors.ts';

export interface BulkheadOptions {
  readonly name: string;
  readonly metrics: ResilienceMetrics;
  /** Calls at once. Default 50. */
  readonly limit?: number;
  /** Calls that may wait for a place. Default 100. */
  readonly queue?: number;
}

/** A bounded number of calls to one place, so that a slow one cannot take all that we have. */
export interface Bulkhead {
  /** @throws {BulkheadFull}, or what the work throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createBulkhead({ name, metrics, limit = 50, queue = 100 }: BulkheadOptions): Bulkhead {
  const policy = bulkhead(limit, queue);
  const measure = () => {
    metrics.bulkheadActive.set({ name }, limit - policy.executionSlots);
    metrics.bulkheadQueued.set({ name }, queue - policy.queueSlots);
  };
  return {
    run: async (work) => {
      try {
        const result = policy.execute(work);
        measure();
        return await result;
      } catch (error) {
        if (!isBulkheadRejectedError(error)) throw error;
        metrics.rejected.inc({ name, reason: 'bulkhead_full' });
        throw new BulkheadFull(`${limit} calls to ${name} are under way and ${queue} wait.`, {
          retryAfter: 1,
          cause: error,
        });
      } finally {
        measure();
      }
    },
  };
}

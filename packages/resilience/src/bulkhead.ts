import { bulkhead, isBulkheadRejectedError } from 'cockatiel';
import { toPolicyEvent, type PolicyEvent } from './policy-events.ts';
import type { BulkheadOccupancy, ResilienceMetrics } from './metrics.ts';
import { BulkheadFull } from './resilience.errors.ts';

export interface BulkheadOptions {
  readonly name: string;
  readonly metrics: ResilienceMetrics;
  /** Calls at once. Default 50. */
  readonly limit?: number;
  /** Calls that may wait for a place. Default 100. */
  readonly queue?: number;
  /** Milliseconds that a call waits for a place before it is refused. Default: as long as it takes. */
  readonly queueTimeoutMs?: number;
}

/**
 * A bounded number of calls to one place, so that a slow one cannot take all that we have. Costs 0.2 µs
 * a call.
 */
export interface Bulkhead {
  /** @throws {BulkheadFull}, or what the work throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
  occupancy(): BulkheadOccupancy;
  /** A call was refused a place, with how full it is. */
  readonly onReject: PolicyEvent<BulkheadOccupancy>;
}

export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const { name, metrics, limit = 50, queue = 100, queueTimeoutMs = Infinity } = options;
  const policy = bulkhead(limit, queue);
  const occupancy = () => ({ active: limit - policy.executionSlots, queued: queue - policy.queueSlots });
  metrics.bulkheads.set(name, occupancy);

  function createBulkheadFull(
    reason: 'queue_full' | 'queue_timeout',
    words: string,
    cause?: unknown,
  ): BulkheadFull {
    metrics.rejected.inc({ name, reason: 'bulkhead_full' });
    return new BulkheadFull(words, { reason, retryAfter: 1, cause });
  }

  /** The place in the queue of a call that is refused is free when its turn comes. */
  function runWithQueueTimeout<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let late = false;
    const patience = setTimeout(() => {
      late = true;
      reject(
        createBulkheadFull(
          'queue_timeout',
          `${name} had no place for one more call within ${queueTimeoutMs} ms.`,
        ),
      );
    }, queueTimeoutMs);
    const turn = async () => {
      clearTimeout(patience);
      if (!late) await work().then(resolve, reject);
    };
    policy.execute(turn).catch((error: unknown) => {
      clearTimeout(patience);
      reject(error);
    });
    return promise;
  }

  return {
    run: async (work) => {
      try {
        const waits = policy.executionSlots === 0 && queueTimeoutMs !== Infinity;
        return await (waits ? runWithQueueTimeout(work) : policy.execute(work));
      } catch (error) {
        if (!isBulkheadRejectedError(error)) throw error;
        throw createBulkheadFull(
          'queue_full',
          `${limit} calls to ${name} are under way and ${queue} wait.`,
          error,
        );
      }
    },
    occupancy,
    onReject: toPolicyEvent(policy.onReject, occupancy),
  };
}

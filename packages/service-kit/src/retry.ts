import { backoffDelay, sleep } from '@plaza/concurrency';
import type { Logger } from './logger.ts';
import { dependencyReached, dependencyWaiting } from './service-kit.log-events.ts';

export interface RetryForeverOptions {
  /** What is being tried, for the log: `MongoDB`. */
  readonly name: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  attempt(): Promise<void>;
}

const BACKOFF = { firstMs: 200, maxMs: 5_000 };

/** Tries again with backoff until an attempt succeeds or the signal aborts. Never rejects. */
export async function retryForever({ name, logger, signal, attempt }: RetryForeverOptions): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await attempt();
      if (failures > 0) logger.info(dependencyReached, { dependency: name, attempts: failures + 1 });
      return;
    } catch (error) {
      const reason = Error.isError(error) ? error.message : String(error);
      if (failures === 0) logger.warn(dependencyWaiting, { dependency: name, reason });
      await sleep(backoffDelay(failures, BACKOFF), { signal });
    }
  }
}

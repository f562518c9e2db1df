import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/**
 * The n-th delay in milliseconds (n from 0): doubling from `first` to `most`, with full jitter, so that a
 * fleet does not come back as one (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
 */
export function backoffDelay(attempt: number, first: number, most: number, random: () => number): number {
  return Math.round(random() * Math.min(most, first * 2 ** attempt));
}

export interface UntilItWorks {
  /** What is being tried, for the log: `MongoDB`. */
  readonly name: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  attempt(): Promise<void>;
}

const FIRST_MS = 200;
const MOST_MS = 5_000;

/** Tries again with backoff until an attempt succeeds or the signal aborts. Never rejects. */
export async function untilItWorks({ name, logger, signal, attempt }: UntilItWorks): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await attempt();
      if (failures > 0) logger.info(`${name} is there`, { attempts: failures + 1 });
      return;
    } catch (error) {
      const reason = Error.isError(error) ? error.message : String(error);
      if (failures === 0) logger.warn(`${name} is not there yet: trying again until it is`, { reason });
      const pause = FIRST_MS / 2 + backoffDelay(failures, FIRST_MS, MOST_MS, Math.random);
      await wait(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

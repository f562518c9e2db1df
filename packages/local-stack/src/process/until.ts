import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';

export type Milliseconds = number;

interface Waiting {
  readonly within: Milliseconds;
  readonly every?: Milliseconds;
  readonly failed?: Promise<never>;
}

/**
 * Asks `ready` every 50 ms, or `every`, until it says yes; an error of `ready` counts as a no.
 * Throws a StackError that starts with `what` after `within`, and whatever `failed` rejects with, at once.
 */
export async function until(
  what: string,
  ready: () => Promise<boolean>,
  { within, every = 50, failed = new Promise<never>(() => {}) }: Waiting,
): Promise<void> {
  const deadline = performance.now() + within;
  const over = new AbortController();
  const asking = async (): Promise<void> => {
    while (!over.signal.aborted && !(await ready().catch(() => false))) {
      if (performance.now() > deadline) throw late(what, within);
      await pause(every);
    }
  };
  try {
    await Promise.race([asking(), failed]);
  } finally {
    over.abort();
  }
}

function late(what: string, within: Milliseconds): StackError {
  return new StackError(`${what} was not ready within ${within / 1000} s.`);
}

import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';

export type Milliseconds = number;

/**
 * Asks `ready` every 50 ms until it says yes; an error of `ready` counts as a no.
 * Throws a StackError that starts with `what` after `within`, and whatever `failed` rejects with, at once.
 */
export async function until(
  what: string,
  ready: () => Promise<boolean>,
  { within, failed = new Promise<never>(() => {}) }: { within: Milliseconds; failed?: Promise<never> },
): Promise<void> {
  const deadline = performance.now() + within;
  const asking = async (): Promise<void> => {
    while (!(await ready().catch(() => false))) {
      if (performance.now() > deadline)
        throw new StackError(`${what} was not ready within ${within / 1000} s.`);
      await pause(50);
    }
  };
  await Promise.race([asking(), failed]);
}

import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';

export type Milliseconds = number;

interface WaitOptions {
  readonly timeoutMs: Milliseconds;
  readonly intervalMs?: Milliseconds;
  readonly abortOn?: Promise<never>;
}

/**
 * Calls `ready` every 50 ms, or `intervalMs`, until it returns true; an error counts as false.
 * Throws a StackError that begins with `what` after `timeoutMs`, and at once the rejection of `abortOn`.
 */
export async function waitUntil(
  what: string,
  ready: () => Promise<boolean>,
  { timeoutMs, intervalMs = 50, abortOn = new Promise<never>(() => {}) }: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const over = new AbortController();
  const poll = async (): Promise<void> => {
    while (!over.signal.aborted && !(await ready().catch(() => false))) {
      if (performance.now() > deadline) throw createTimeoutError(what, timeoutMs);
      await pause(intervalMs);
    }
  };
  try {
    await Promise.race([poll(), abortOn]);
  } finally {
    over.abort();
  }
}

function createTimeoutError(what: string, timeoutMs: Milliseconds): StackError {
  return new StackError(`${what} was not ready within ${timeoutMs / 1000} s.`);
}

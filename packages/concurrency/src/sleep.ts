import { setTimeout as wait } from 'node:timers/promises';

export interface SleepOptions {
  /** Ends the pause early. */
  readonly signal?: AbortSignal;
  /** Whether the pause keeps the process running. Default true. */
  readonly ref?: boolean;
}

/** Resolves after `milliseconds`, or when the signal aborts. Never rejects. */
export async function sleep(milliseconds: number, { signal, ref = true }: SleepOptions = {}): Promise<void> {
  const options = signal === undefined ? { ref } : { ref, signal };
  await wait(milliseconds, undefined, options).catch(() => undefined);
}

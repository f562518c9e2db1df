import type { HandlerContext, DurationMs } from './event-consumer.ts';

/** The handler missed its deadline. It may still be running, so its effect must be idempotent. */
export class HandlerTimeout extends Error {
  constructor(deadlineMs: DurationMs) {
    super(`The handler did not end within ${deadlineMs} ms.`);
    this.name = 'HandlerTimeout';
  }
}

export interface HandlerRunOptions {
  readonly run: (context: HandlerContext) => Promise<unknown>;
  readonly attempt: number;
  readonly deadlineMs: DurationMs;
  /** Aborts the attempt, which then rejects with the signal's reason. */
  readonly abortSignal: AbortSignal;
}

/**
 * Runs a handler once, until it ends or its deadline has passed.
 * @throws {HandlerTimeout} at the deadline; the handler's error; the reason of `abortSignal`.
 */
export async function runWithTimeout({
  run,
  attempt,
  deadlineMs,
  abortSignal,
}: HandlerRunOptions): Promise<void> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new HandlerTimeout(deadlineMs)), deadlineMs);
  const stop = () => end.abort(abortSignal.reason);
  abortSignal.addEventListener('abort', stop);
  try {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true });
    const running = (async () => run({ signal: end.signal, attempt }))(); // it may throw before its first await
    await Promise.race([running, aborted]);
  } finally {
    clearTimeout(timer);
    abortSignal.removeEventListener('abort', stop);
  }
}

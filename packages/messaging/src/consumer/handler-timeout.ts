import type { HandlerContext, DurationMs } from './event-consumer.ts';

/** The handler did not end in time. It may still be at it: what it does must bear being done twice. */
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
  /** Cuts the attempt short; its reason is what the attempt rejects with. */
  readonly abortSignal: AbortSignal;
}

/**
 * Runs a handler once, until it ends or its time is up.
 * @throws {HandlerTimeout} at the deadline; what the handler throws; the reason of `abortSignal`.
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

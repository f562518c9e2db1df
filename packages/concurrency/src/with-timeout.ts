import pTimeout, { TimeoutError } from 'p-timeout';

export { TimeoutError };

/**
 * The result of `work`. The work is not cancelled at the timeout; its result is then ignored.
 * @throws {TimeoutError} after `milliseconds`, and what `work` rejects with before that.
 */
export function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  return pTimeout(work, {
    milliseconds: atLeastOne(milliseconds),
    message: `no answer within ${milliseconds} ms`,
  });
}

/**
 * Waits until `work` is fulfilled or rejected, for at most `milliseconds`, or until `signal` aborts. Resolves with
 * whether the work settled before that. Never rejects.
 */
export function settlesWithin(
  work: Promise<unknown>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  );
  const options = { milliseconds: atLeastOne(milliseconds), fallback: () => false };
  if (signal === undefined) return pTimeout(settled, options);
  return pTimeout(settled, { ...options, signal }).catch(() => false);
}

/** p-timeout refuses 0; setTimeout makes 1 of it. */
const atLeastOne = (milliseconds: number) => Math.max(1, milliseconds);

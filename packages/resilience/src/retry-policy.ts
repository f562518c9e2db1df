import type { RetryBudget } from './retry-budget.ts';

/** How an attempt failed, as far as a retry depends on it. */
export interface AttemptFailure {
  /**
   * `unsent`: the instance got no byte of the request. `reset`: the connection ended before the response's head.
   * `timeout`: no head of a response in time. `unavailable`: a status of {@link isUnavailableStatus}.
   */
  readonly kind: 'unsent' | 'reset' | 'timeout' | 'unavailable';
  /**
   * The instance closed an idle kept-alive connection while the request was written to it. That is no sign of an
   * unhealthy instance, so the retry may go to the same one.
   */
  readonly staleConnection: boolean;
}

export interface RetryPolicyOptions {
  readonly budget: RetryBudget;
  /** Whether a timeout is retried. Only where the first attempt had a part of the caller's time. Default false. */
  readonly retryTimeouts?: boolean;
  /** Whether 502, 503 and 504 are retried. Only where no part of the response has gone to the caller. Default false. */
  readonly retryUnavailable?: boolean;
}

/** Decides whether a failed request is sent again, once, to another instance. */
export interface RetryPolicy {
  /** A first attempt is made: it adds to the retry budget. */
  onFirstAttempt(): void;
  /**
   * The instance for the second attempt; undefined where none may be made. An unsent request may always be sent
   * again, any other only where it is repeatable. Takes a retry from the budget.
   * @param repeatable whether the request is idempotent and its body, if any, can be sent again.
   * @param pickOther picks an instance other than `first`; undefined where there is none.
   */
  chooseRetryInstance<Instance>(
    failure: AttemptFailure,
    repeatable: boolean,
    first: Instance,
    pickOther: (first: Instance) => Instance | undefined,
  ): Instance | undefined;
}

export function createRetryPolicy({
  budget,
  retryTimeouts = false,
  retryUnavailable = false,
}: RetryPolicyOptions): RetryPolicy {
  const retryable = {
    unsent: true,
    reset: true,
    timeout: retryTimeouts,
    unavailable: retryUnavailable,
  };

  return {
    onFirstAttempt: () => budget.deposit(),
    chooseRetryInstance: (failure, repeatable, first, pickOther) => {
      if (!retryable[failure.kind] || !(repeatable || failure.kind === 'unsent')) return undefined;
      const second = pickOther(first) ?? (failure.staleConnection ? first : undefined);
      return second !== undefined && budget.withdraw() ? second : undefined;
    },
  };
}

/** Methods that may be sent twice (RFC 9110, section 9.2.2); TRACE is not forwarded. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export function isIdempotentMethod(method: string): boolean {
  return IDEMPOTENT_METHODS.has(method);
}

/** Whether another instance may answer better. A 500 is a defect, and every instance has it. */
export function isUnavailableStatus(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

export interface RetryBudgetOptions {
  /** Retries a call, from 0 to 1. Default 0.2. */
  readonly ratio?: number;
  /** Retries a second that are allowed however few calls there are. Default 1. */
  readonly minimumPerSecond?: number;
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
}

/**
 * Allows retries in proportion to calls, so that an outage is not answered with a multiple of the load.
 * A token bucket over ten seconds, after Finagle's RetryBudget.
 */
export interface RetryBudget {
  /** A first try was made. */
  deposit(): void;
  /** Whether one retry may be made now; it is taken from the budget. */
  withdraw(): boolean;
}

const WINDOW_SECONDS = 10;

export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { ratio = 0.2, minimumPerSecond = 1, now = () => performance.now() } = options;
  const reserve = minimumPerSecond * WINDOW_SECONDS;
  const deposits = Array.from({ length: WINDOW_SECONDS }, () => 0);
  const withdrawn = Array.from({ length: WINDOW_SECONDS }, () => 0);
  let second = Math.floor(now() / 1_000);

  /** Empties the seconds that have left the window. */
  const advance = () => {
    const current = Math.floor(now() / 1_000);
    for (let passed = second + 1; passed <= Math.min(current, second + WINDOW_SECONDS); passed += 1) {
      deposits[passed % WINDOW_SECONDS] = 0;
      withdrawn[passed % WINDOW_SECONDS] = 0;
    }
    second = current;
    return current % WINDOW_SECONDS;
  };
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

  return {
    deposit: () => {
      const slot = advance();
      deposits[slot] = (deposits[slot] ?? 0) + 1;
    },
    withdraw: () => {
      const slot = advance();
      if (sum(withdrawn) + 1 > sum(deposits) * ratio + reserve) return false;
      withdrawn[slot] = (withdrawn[slot] ?? 0) + 1;
      return true;
    },
  };
}

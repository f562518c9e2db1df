import {
  circuitBreaker,
  CircuitState as Cockatiel,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import type { Logger } from '@plaza/service-kit';
import { CircuitOpen } from './resilience.errors.ts';
import type { ResilienceMetrics } from './metrics.ts';

export type CircuitState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

const STATES: Readonly<Record<Cockatiel, CircuitState>> = {
  [Cockatiel.Closed]: 'CLOSED',
  [Cockatiel.Open]: 'OPEN',
  [Cockatiel.HalfOpen]: 'HALF_OPEN',
  [Cockatiel.Isolated]: 'OPEN',
};

export interface BreakerOptions {
  /** Whom the calls go to, as it stands in messages and metrics: `users-service`. */
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: ResilienceMetrics;
  /** How many failures in a row open the circuit. Default 5. */
  readonly failureThreshold?: number;
  /** Milliseconds after which an open circuit lets one call through. Default 10,000. */
  readonly resetTimeout?: number;
  /** Whether an error speaks against whom we called; a 404 does not. Default: every error does. */
  readonly isFailure?: (error: unknown) => boolean;
}

/** Runs work while calls succeed; answers at once, without a call, while they do not. */
export interface Breaker {
  readonly state: CircuitState;
  /** @throws {CircuitOpen}, or what the work throws. */
  run<T>(work: () => Promise<T>): Promise<T>;
  onStateChange(listener: (state: CircuitState) => void): void;
}

const FAILURE_THRESHOLD = 5;
const RESET_TIMEOUT_MS = 10_000;

export function createBreaker(options: BreakerOptions): Breaker {
  const { name, logger, metrics, isFailure = () => true } = options;
  const { failureThreshold = FAILURE_THRESHOLD, resetTimeout = RESET_TIMEOUT_MS } = options;
  const policy = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: resetTimeout,
    breaker: new ConsecutiveBreaker(failureThreshold),
  });
  const publish = (current: CircuitState) => {
    for (const state of new Set(Object.values(STATES)))
      metrics.circuitState.set({ name, state }, state === current ? 1 : 0);
  };
  publish('CLOSED');
  policy.onStateChange((changed) => {
    const state = STATES[changed];
    publish(state);
    metrics.circuitTransitions.inc({ name, state });
    logger.warn(`the circuit to ${name} is ${state}`, { circuit: name, state });
  });

  return {
    get state() {
      return STATES[policy.state];
    },
    run: async (work) => {
      try {
        return await policy.execute(work);
      } catch (error) {
        if (!isBrokenCircuitError(error)) throw error;
        metrics.rejected.inc({ name, reason: 'circuit_open' });
        throw new CircuitOpen(`${name} has failed ${failureThreshold} times in a row and is given a rest.`, {
          retryAfter: resetTimeout / 1_000,
          cause: error,
        });
      }
    },
    onStateChange: (listener) => {
      policy.onStateChange((changed) => listener(STATES[changed]));
    },
  };
}

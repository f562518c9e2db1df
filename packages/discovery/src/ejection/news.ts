import { forgetCircuit, showCircuit, type CircuitState, type Listening } from '@plaza/resilience';
import type { Logger } from '@plaza/service-kit';
import type { DiscoveryMetrics } from '../metrics.ts';
import type { Failure } from './standing.ts';

export interface StateChange {
  readonly instanceId: string;
  readonly state: CircuitState;
}

export interface NewsOptions {
  readonly upstream: string;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
}

/** Tells of ejections: in the log, in metrics, and to who listens. */
export interface News {
  ejected(instanceId: string, reason: Failure, probationMs: number): void;
  onTrial(instanceId: string): void;
  /** Its trial ended without a verdict. */
  dueAgain(instanceId: string): void;
  readmitted(instanceId: string): void;
  gone(instanceId: string): void;
  count(ejected: number): void;
  panic(on: boolean, left: string): void;
  readonly onStateChange: Listening<StateChange>;
}

export function createNews({ upstream, logger, metrics }: NewsOptions): News {
  const listeners = new Set<(change: StateChange) => void>();
  metrics.ejected.set({ upstream }, 0);
  metrics.panic.set({ upstream }, 0);

  function into(instanceId: string, state: CircuitState): void {
    const name = `${upstream}/${instanceId}`;
    showCircuit(metrics.resilience, name, state);
    metrics.resilience.circuitTransitions.inc({ name, state });
    for (const listener of listeners) listener({ instanceId, state });
  }

  return {
    ejected: (instanceId, reason, probationMs) => {
      into(instanceId, 'OPEN');
      metrics.ejections.inc({ upstream, reason });
      const facts = { upstream, instanceId, reason, probationMs };
      logger.warn(`${instanceId} is ejected: it gets no traffic for ${probationMs} ms`, facts);
    },
    onTrial: (instanceId) => into(instanceId, 'HALF_OPEN'),
    dueAgain: (instanceId) => into(instanceId, 'OPEN'),
    readmitted: (instanceId) => {
      into(instanceId, 'CLOSED');
      logger.info(`${instanceId} gets traffic again: a call succeeded`, { upstream, instanceId });
    },
    gone: (instanceId) => forgetCircuit(metrics.resilience, `${upstream}/${instanceId}`),
    count: (ejected) => metrics.ejected.set({ upstream }, ejected),
    panic: (on, left) => {
      metrics.panic.set({ upstream }, on ? 1 : 0);
      if (on) logger.warn(`ejections of ${upstream} are ignored: they would leave ${left}`, { upstream });
      else logger.info(`ejections of ${upstream} hold again`, { upstream });
    },
    onStateChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

import { removeCircuitState, setCircuitState, type CircuitState, type PolicyEvent } from '@plaza/resilience';
import type { Logger } from '@plaza/service-kit';
import type { ServiceClientMetrics } from '../metrics.ts';
import type { FailureReason } from './host-status.ts';
import {
  ejectionPanicEnded,
  ejectionPanicStarted,
  instanceEjected,
  instanceReadmitted,
} from './ejection.log-events.ts';

export interface CircuitStateChange {
  readonly instanceId: string;
  readonly state: CircuitState;
}

export interface EjectionEventsOptions {
  readonly upstream: string;
  readonly logger: Logger;
  readonly metrics: ServiceClientMetrics;
}

/** Tells of ejections: in the log, in metrics, and to who listens. */
export interface EjectionEvents {
  ejected(instanceId: string, reason: FailureReason, probationMs: number): void;
  probeStarted(instanceId: string): void;
  /** Its trial ended without a verdict. */
  probeAborted(instanceId: string): void;
  readmitted(instanceId: string): void;
  instanceRemoved(instanceId: string): void;
  setEjectedCount(ejected: number): void;
  setPanic(on: boolean, left: string): void;
  readonly onStateChange: PolicyEvent<CircuitStateChange>;
}

export function createEjectionEvents({ upstream, logger, metrics }: EjectionEventsOptions): EjectionEvents {
  const listeners = new Set<(change: CircuitStateChange) => void>();
  metrics.ejected.set({ upstream }, 0);
  metrics.panic.set({ upstream }, 0);

  function setState(instanceId: string, state: CircuitState): void {
    const name = `${upstream}/${instanceId}`;
    setCircuitState(metrics.resilience, name, state);
    metrics.resilience.circuitTransitions.inc({ name, state });
    for (const listener of listeners) listener({ instanceId, state });
  }

  return {
    ejected: (instanceId, reason, probationMs) => {
      setState(instanceId, 'OPEN');
      metrics.ejections.inc({ upstream, reason });
      logger.warn(instanceEjected, { upstream, instanceId, reason, probationMs });
    },
    probeStarted: (instanceId) => setState(instanceId, 'HALF_OPEN'),
    probeAborted: (instanceId) => setState(instanceId, 'OPEN'),
    readmitted: (instanceId) => {
      setState(instanceId, 'CLOSED');
      logger.info(instanceReadmitted, { upstream, instanceId });
    },
    instanceRemoved: (instanceId) => removeCircuitState(metrics.resilience, `${upstream}/${instanceId}`),
    setEjectedCount: (ejected) => metrics.ejected.set({ upstream }, ejected),
    setPanic: (on, left) => {
      metrics.panic.set({ upstream }, on ? 1 : 0);
      if (on) logger.warn(ejectionPanicStarted, { upstream, left });
      else logger.info(ejectionPanicEnded, { upstream });
    },
    onStateChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

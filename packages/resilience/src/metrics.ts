import { Counter, Gauge, type Registry } from 'prom-client';
import type { CircuitState } from './circuit-state.ts';

/** How full a bulkhead is. */
export interface BulkheadOccupancy {
  readonly active: number;
  readonly queued: number;
}

/** What all policies of one service are counted in. */
export interface ResilienceMetrics {
  /** 1 for the state that a circuit is in, 0 for the others. */
  readonly circuitState: Gauge<'name' | 'state'>;
  readonly circuitTransitions: Counter<'name' | 'state'>;
  /** Calls that ended without being made, or without their end being awaited: `circuit_open`, `bulkhead_full`, `late`. */
  readonly rejected: Counter<'name' | 'reason'>;
  readonly retries: Counter<'name' | 'outcome'>;
  /** Bulkheads by name. They are read when metrics are asked for, so that counting costs a call nothing. */
  readonly bulkheads: Map<string, () => BulkheadOccupancy>;
}

const known = new WeakMap<Registry, ResilienceMetrics>();

/** One for each registry: a second call returns the same. */
export function createResilienceMetrics(registry: Registry): ResilienceMetrics {
  const metrics = known.get(registry) ?? create(registry);
  known.set(registry, metrics);
  return metrics;
}

function create(registry: Registry): ResilienceMetrics {
  const registers = [registry];
  const bulkheads = new Map<string, () => BulkheadOccupancy>();
  registry.registerMetric(occupancyGauge(bulkheads, 'active', 'Calls under way'));
  registry.registerMetric(occupancyGauge(bulkheads, 'queued', 'Calls that wait for a place'));
  return {
    bulkheads,
    circuitState: new Gauge({
      name: 'circuit_breaker_state',
      help: '1 for the state that the circuit is in',
      labelNames: ['name', 'state'],
      registers,
    }),
    circuitTransitions: new Counter({
      name: 'circuit_breaker_transitions_total',
      help: 'How often a circuit went into a state',
      labelNames: ['name', 'state'],
      registers,
    }),
    rejected: new Counter({
      name: 'resilience_rejected_total',
      help: 'Calls that a policy ended',
      labelNames: ['name', 'reason'],
      registers,
    }),
    retries: new Counter({
      name: 'resilience_retries_total',
      help: 'Retries that the budget allowed or refused',
      labelNames: ['name', 'outcome'],
      registers,
    }),
  };
}

function occupancyGauge(
  bulkheads: ReadonlyMap<string, () => BulkheadOccupancy>,
  which: keyof BulkheadOccupancy,
  help: string,
): Gauge<'name'> {
  return new Gauge({
    name: `bulkhead_${which}`,
    help,
    labelNames: ['name'],
    registers: [],
    collect() {
      for (const [name, occupancy] of bulkheads) this.set({ name }, occupancy()[which]);
    },
  });
}

const STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];

/** Shows a circuit as being in that state. */
export function setCircuitState(metrics: ResilienceMetrics, name: string, current: CircuitState): void {
  for (const state of STATES) metrics.circuitState.set({ name, state }, state === current ? 1 : 0);
}

/** Shows a circuit no more, since what it stood before is gone. */
export function removeCircuitState(metrics: ResilienceMetrics, name: string): void {
  for (const state of STATES) metrics.circuitState.remove({ name, state });
}

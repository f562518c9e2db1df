import { Counter, Gauge, type Registry } from 'prom-client';

/** What all policies of one service are counted in. One for each registry. */
export interface ResilienceMetrics {
  /** 1 for the state that a circuit is in, 0 for the others. */
  readonly circuitState: Gauge<'name' | 'state'>;
  readonly circuitTransitions: Counter<'name' | 'state'>;
  readonly bulkheadActive: Gauge<'name'>;
  readonly bulkheadQueued: Gauge<'name'>;
  /** Calls that ended without being made, or without their end being awaited: `circuit_open`, `bulkhead_full`, `late`. */
  readonly rejected: Counter<'name' | 'reason'>;
}

export function createResilienceMetrics(registry: Registry): ResilienceMetrics {
  const registers = [registry];
  return {
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
    bulkheadActive: new Gauge({
      name: 'bulkhead_active',
      help: 'Calls under way',
      labelNames: ['name'],
      registers,
    }),
    bulkheadQueued: new Gauge({
      name: 'bulkhead_queued',
      help: 'Calls that wait for a place',
      labelNames: ['name'],
      registers,
    }),
    rejected: new Counter({
      name: 'resilience_rejected_total',
      help: 'Calls that a policy ended',
      labelNames: ['name', 'reason'],
      registers,
    }),
  };
}

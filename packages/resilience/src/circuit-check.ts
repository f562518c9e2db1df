import type { HealthCheck } from '@plaza/service-kit';
import type { Breaker } from './breaker.ts';

/** Shows the circuit to another service. Never required: what needs no such call goes on. */
export function circuitCheck(name: string, breaker: Breaker): HealthCheck {
  return {
    name,
    group: 'externalServices',
    required: false,
    check: async () => {
      if (breaker.state === 'OPEN') throw new Error('the circuit is open');
      return { circuit: breaker.state };
    },
  };
}

import { logEvent } from '@plaza/errors';

export const circuitStateChanged = logEvent({
  event: 'circuit_state_changed',
  level: 'warn',
  message: 'A circuit breaker changed its state',
  fields: { circuit: 'what the calls go to', state: 'CLOSED, OPEN or HALF_OPEN' },
});

/** CLOSED: calls are made. OPEN: none is. HALF_OPEN: one is, and decides. */
export type CircuitState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

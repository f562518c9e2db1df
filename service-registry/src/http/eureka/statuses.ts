import type { Instance, State } from '../../domain/instance.ts';

export const STATUSES = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'] as const;
/** Eureka's words for how an instance is. */
export type Status = (typeof STATUSES)[number];

const STATES: Readonly<Record<Status, State>> = {
  UP: 'up',
  DOWN: 'down',
  STARTING: 'down',
  OUT_OF_SERVICE: 'draining',
  UNKNOWN: 'down',
};

const WORDS: Readonly<Record<State, Status>> = { up: 'UP', down: 'DOWN', draining: 'OUT_OF_SERVICE' };

export function stateFor(status: Status): State {
  return STATES[status];
}

/** @param said what the instance itself said last, where it is Eureka's. */
export function statusOf({ state, override }: Instance, said: Status | undefined): Status {
  const words = [statusOfOverride(override), said];
  return words.find((word) => word !== undefined && STATES[word] === state) ?? WORDS[state];
}

/** `UNKNOWN` is Eureka's word for none. */
export function statusOfOverride(override: Instance['override']): Status | undefined {
  if (override === undefined) return undefined;
  return STATUSES.find((status) => status === override.label) ?? WORDS[override.state];
}

import type { Instance, InstanceState } from '../../domain/instance.ts';

export const EUREKA_STATUSES = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'] as const;
/** Eureka's statuses of an instance. */
export type EurekaStatus = (typeof EUREKA_STATUSES)[number];

const STATE_BY_STATUS: Readonly<Record<EurekaStatus, InstanceState>> = {
  UP: 'up',
  DOWN: 'down',
  STARTING: 'down',
  OUT_OF_SERVICE: 'draining',
  UNKNOWN: 'down',
};

const STATUS_BY_STATE: Readonly<Record<InstanceState, EurekaStatus>> = {
  up: 'UP',
  down: 'DOWN',
  draining: 'OUT_OF_SERVICE',
};

export function toInstanceState(status: EurekaStatus): InstanceState {
  return STATE_BY_STATUS[status];
}

/** @param said the status that the instance reported last, if Eureka's API registered it. */
export function toEurekaStatus({ state, override }: Instance, said: EurekaStatus | undefined): EurekaStatus {
  const words = [overriddenStatus(override), said];
  return (
    words.find((word) => word !== undefined && STATE_BY_STATUS[word] === state) ?? STATUS_BY_STATE[state]
  );
}

/** `UNKNOWN` means no override in Eureka. */
export function overriddenStatus(override: Instance['override']): EurekaStatus | undefined {
  if (override === undefined) return undefined;
  return EUREKA_STATUSES.find((status) => status === override.label) ?? STATUS_BY_STATE[override.state];
}

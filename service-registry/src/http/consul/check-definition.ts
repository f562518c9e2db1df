import type { CheckDefinition } from '../../domain/check.ts';
import type { ConsulCheckDefinition } from './check-definition.schemas.ts';

/** Consul's limits and defaults, in milliseconds. */
const MIN_DEREGISTER_AFTER_MS = 60_000;
const MIN_INTERVAL_MS = 1_000;
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Converts a check. By default one failure and one success suffice, unlike for Plaza's instances, and the initial
 * status is critical, as in Consul.
 */
export function toCheckDefinition(check: ConsulCheckDefinition, id: string, name: string): CheckDefinition {
  const { TTL = 0, HTTP = '', DeregisterCriticalServiceAfter = 0 } = check;
  const common = {
    id,
    name: check.Name === undefined || check.Name === '' ? name : check.Name,
    initial: check.Status === undefined || check.Status === '' ? ('critical' as const) : check.Status,
    ...(DeregisterCriticalServiceAfter === 0
      ? {}
      : { deregisterAfterMs: Math.max(DeregisterCriticalServiceAfter, MIN_DEREGISTER_AFTER_MS) }),
  };
  if (HTTP === '') return { ...common, kind: 'ttl', ttlMs: Math.max(1, Math.round(TTL)) };
  const { Method = 'GET', Header, Interval = 0, Timeout = 0 } = check;
  return {
    ...common,
    kind: 'http',
    url: HTTP,
    ...(Method === '' ? {} : { method: Method }),
    ...(Header === undefined ? {} : { headers: Header }),
    intervalMs: Math.max(Interval, MIN_INTERVAL_MS),
    timeoutMs: Timeout === 0 ? DEFAULT_TIMEOUT_MS : Timeout,
    failuresBeforeCritical: Math.max(1, check.FailuresBeforeCritical ?? 0),
    successesBeforePassing: Math.max(1, check.SuccessBeforePassing ?? 0),
  };
}

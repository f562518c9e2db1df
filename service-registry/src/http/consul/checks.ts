import { HEARTBEAT_CHECK_ID, type Check } from '../../domain/check.ts';
import type { Instance } from '../../domain/instance.ts';
import { EMPTY_LIVENESS, type Liveness } from '../../domain/liveness.ts';
import { parseConsulDetails } from './consul-details.ts';
import { formatDuration } from './durations.ts';
import type { ConsulCheck } from './health-entry.schemas.ts';
import { parseAddress } from '../address.ts';

const NO_REASON =
  'Maintenance mode is enabled for this service, but no reason was provided. This is a default message.';

/**
 * An instance's checks in Consul's format, by id. All of them pass exactly if the instance is passing. With liveness
 * their output is the last observation; otherwise that of the last change of status.
 */
export function toConsulChecks(instance: Instance, liveness = EMPTY_LIVENESS): ConsulCheck[] {
  const { service, instanceId, url, tags, createIndex, modifyIndex } = instance;
  const notes = parseConsulDetails(instance)?.notes ?? {};
  const about = {
    Node: parseAddress(url).host,
    ServiceID: instanceId,
    ServiceName: service,
    ServiceTags: [...tags],
  };
  const indexes = { CreateIndex: createIndex, ModifyIndex: modifyIndex };
  const checks = instance.checks.map((check) => ({
    ...about,
    CheckID: toCheckId(instance, check),
    Name: check.name,
    ...effectiveCheckStatus(instance, check, liveness),
    Notes: notes[check.id] ?? '',
    Type: check.kind === 'http' ? 'http' : 'ttl',
    ...probeTiming(check),
    ...indexes,
  }));
  const all = [...maintenanceCheck(instance).map((check) => ({ ...about, ...check, ...indexes })), ...checks];
  return all.sort((one, other) => (one.CheckID < other.CheckID ? -1 : 1));
}

/** Checks registered through Consul's API keep their ids; others get a unique one. */
function toCheckId({ protocol, instanceId }: Instance, { id }: Check): string {
  if (id === HEARTBEAT_CHECK_ID) return `service:${instanceId}`;
  return protocol === 'consul' ? id : `service:${instanceId}:${id}`;
}

/** With the override `up`, the heartbeat check follows the override, not the reported state. */
function effectiveCheckStatus(instance: Instance, { id, status, output }: Check, liveness: Liveness) {
  const { override, reportedState } = instance;
  const overruled = id === HEARTBEAT_CHECK_ID && override?.state === 'up' && reportedState !== 'down';
  if (overruled) return { Status: 'passing' as const, Output: 'up' };
  return { Status: status, Output: liveness.lastObservation(instance, id)?.output ?? output };
}

function probeTiming(check: Check) {
  const { intervalMs, timeoutMs } = check.kind === 'http' ? check : {};
  return {
    Interval: intervalMs === undefined ? '' : formatDuration(intervalMs),
    Timeout: timeoutMs === undefined ? '' : formatDuration(timeoutMs),
  };
}

/** An override that stops traffic appears as Consul's maintenance mode. */
function maintenanceCheck({ instanceId, override }: Instance) {
  if (override === undefined || override.state === 'up') return [];
  return [
    {
      CheckID: `_service_maintenance:${instanceId}`,
      Name: 'Service Maintenance Mode',
      Status: 'critical' as const,
      Notes: override.reason === '' ? NO_REASON : override.reason,
      Output: '',
      Type: 'maintenance',
      Interval: '',
      Timeout: '',
    },
  ];
}

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
 * The checks of an instance as Consul tells them, by id. All of them pass exactly where the instance does. With liveness
 * they say what was heard last, else what was said when their status last changed.
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

/** Those that were registered through Consul's API have ids of their own; others get one that no other check has. */
function toCheckId({ protocol, instanceId }: Instance, { id }: Check): string {
  if (id === HEARTBEAT_CHECK_ID) return `service:${instanceId}`;
  return protocol === 'consul' ? id : `service:${instanceId}:${id}`;
}

/** Who is up because somebody else says so has a heartbeat that says otherwise: the one who is believed counts. */
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

/** An override that keeps traffic away is Consul's maintenance mode, whoever set it. */
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

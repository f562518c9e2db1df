import { HEARTBEAT, type Check } from '../../domain/check.ts';
import type { Instance } from '../../domain/instance.ts';
import { NO_VITALS, type Vitals } from '../../domain/vitals.ts';
import { consulDetailsOf } from './details.ts';
import { formatDuration } from './durations.ts';
import type { Check as ConsulCheck } from './entry.schemas.ts';
import { placeOf } from '../place.ts';

const NO_REASON =
  'Maintenance mode is enabled for this service, but no reason was provided. This is a default message.';

/**
 * The checks of an instance as Consul tells them, by id. All of them pass exactly where the instance does. With vitals
 * they say what was heard last, else what was said when their status last changed.
 */
export function checksOf(instance: Instance, vitals = NO_VITALS): ConsulCheck[] {
  const { service, instanceId, url, tags, createIndex, modifyIndex } = instance;
  const notes = consulDetailsOf(instance)?.notes ?? {};
  const about = {
    Node: placeOf(url).host,
    ServiceID: instanceId,
    ServiceName: service,
    ServiceTags: [...tags],
  };
  const indexes = { CreateIndex: createIndex, ModifyIndex: modifyIndex };
  const checks = instance.checks.map((check) => ({
    ...about,
    CheckID: checkIdOf(instance, check),
    Name: check.name,
    ...verdictOf(instance, check, vitals),
    Notes: notes[check.id] ?? '',
    Type: check.kind === 'http' ? 'http' : 'ttl',
    ...timingOf(check),
    ...indexes,
  }));
  const all = [...maintenanceOf(instance).map((check) => ({ ...about, ...check, ...indexes })), ...checks];
  return all.sort((one, other) => (one.CheckID < other.CheckID ? -1 : 1));
}

/** Those that were registered through Consul's API have ids of their own; others get one that no other check has. */
function checkIdOf({ protocol, instanceId }: Instance, { id }: Check): string {
  if (id === HEARTBEAT) return `service:${instanceId}`;
  return protocol === 'consul' ? id : `service:${instanceId}:${id}`;
}

/** Who is up because somebody else says so has a heartbeat that says otherwise: the one who is believed counts. */
function verdictOf(instance: Instance, { id, status, output }: Check, vitals: Vitals) {
  const { override, declared } = instance;
  const overruled = id === HEARTBEAT && override?.state === 'up' && declared !== 'down';
  if (overruled) return { Status: 'passing' as const, Output: 'up' };
  return { Status: status, Output: vitals.observed(instance, id)?.output ?? output };
}

function timingOf(check: Check) {
  const { intervalMs, timeoutMs } = check.kind === 'http' ? check : {};
  return {
    Interval: intervalMs === undefined ? '' : formatDuration(intervalMs),
    Timeout: timeoutMs === undefined ? '' : formatDuration(timeoutMs),
  };
}

/** An override that keeps traffic away is Consul's maintenance mode, whoever set it. */
function maintenanceOf({ instanceId, override }: Instance) {
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

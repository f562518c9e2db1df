import { Invalid } from '@plaza/errors';
import type { InstanceUpsert } from '../../domain/registrations.service.ts';
import { httpUrl } from '../address.ts';
import { serviceName } from '../registrations.schemas.ts';
import type { EurekaDetails } from './eureka-details.ts';
import type { EurekaRegistration } from './instance.schemas.ts';
import { toInstanceState } from './statuses.ts';

const MAX_VERSION_LENGTH = 64;
const MAX_WEIGHT = 65_535;

/** Converts a registration. Eureka has no probes: only the lease counts. */
export function toUpsert(instance: EurekaRegistration): InstanceUpsert {
  const { healthCheckUrl, status, metadata, leaseInfo } = instance;
  return {
    definition: {
      service: resolveServiceName(instance),
      instanceId: resolveInstanceId(instance),
      url: resolveUrl(instance),
      ...(healthCheckUrl === undefined ? {} : { healthCheckUrl }),
      ...parseVersionAndWeight(metadata),
      tags: [],
      metadata,
      protocol: 'eureka',
      details: toEurekaDetails(instance),
      checks: [],
    },
    state: toInstanceState(status),
    ttlMs: leaseInfo.durationInSecs * 1_000,
  };
}

/**
 * Eureka's clients send an application's name in capitals. If the vip address is the same name, it has the original
 * case.
 */
function resolveServiceName({ app, vipAddress = '' }: EurekaRegistration): string {
  const name = vipAddress.toUpperCase() === app.toUpperCase() ? vipAddress : app.toLowerCase();
  const checked = serviceName.safeParse(name);
  if (checked.success) return name;
  throw new Invalid(`app: ${checked.error.issues[0]?.message ?? 'is no name of a service'}`);
}

/** The default id is the host name, which such clients also use to renew. */
function resolveInstanceId({
  instanceId,
  hostName,
  dataCenterInfo: { metadata },
}: EurekaRegistration): string {
  return instanceId ?? metadata?.['instance-id'] ?? hostName;
}

function resolveUrl({ hostName, port, securePort }: EurekaRegistration): string {
  return securePort.enabled && !port.enabled
    ? httpUrl(hostName, securePort.number, 'https')
    : httpUrl(hostName, port.number);
}

/**
 * Version and weight are in the metadata, because Eureka has no fields for them. Spring's load balancer reads the
 * weight there.
 */
export function parseVersionAndWeight({ version = '', weight = '' }: Readonly<Record<string, string>>) {
  return {
    version: version.slice(0, MAX_VERSION_LENGTH),
    weight: /^[1-9]\d{0,4}$/.test(weight) ? Math.min(Number(weight), MAX_WEIGHT) : 1,
  };
}

function toEurekaDetails(instance: EurekaRegistration): EurekaDetails {
  const { app: _, instanceId: __, healthCheckUrl: ___, metadata: ____, leaseInfo, ...details } = instance;
  return { ...details, ...leaseInfo };
}

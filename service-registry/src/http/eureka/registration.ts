import { Invalid } from '@plaza/errors';
import type { Upsert } from '../../domain/registrations.service.ts';
import { httpUrl } from '../place.ts';
import { serviceName } from '../registrations.schemas.ts';
import type { EurekaDetails } from './details.ts';
import type { EurekaInstance } from './instance.schemas.ts';
import { stateFor } from './statuses.ts';

const LONGEST_VERSION = 64;
const MOST_WEIGHT = 65_535;

/** What an instance says of itself, as the domain knows it. Eureka probes nobody: the lease alone tells. */
export function upsertFrom(instance: EurekaInstance): Upsert {
  const { healthCheckUrl, status, metadata, leaseInfo } = instance;
  return {
    declaration: {
      service: serviceFor(instance),
      instanceId: idOf(instance),
      url: urlOf(instance),
      ...(healthCheckUrl === undefined ? {} : { healthCheckUrl }),
      ...factsIn(metadata),
      tags: [],
      metadata,
      protocol: 'eureka',
      details: detailsOf(instance),
      checks: [],
    },
    state: stateFor(status),
    ttlMs: leaseInfo.durationInSecs * 1_000,
  };
}

/**
 * Eureka's clients write the name of an application in capitals and mean `users-service`: where the vip address is
 * the same name, it says how it is written.
 */
function serviceFor({ app, vipAddress = '' }: EurekaInstance): string {
  const name = vipAddress.toUpperCase() === app.toUpperCase() ? vipAddress : app.toLowerCase();
  const checked = serviceName.safeParse(name);
  if (checked.success) return name;
  throw new Invalid(`app: ${checked.error.issues[0]?.message ?? 'is no name of a service'}`);
}

/** Clients that give none are called by their host, as they call themselves when they renew. */
function idOf({ instanceId, hostName, dataCenterInfo: { metadata } }: EurekaInstance): string {
  return instanceId ?? metadata?.['instance-id'] ?? hostName;
}

function urlOf({ hostName, port, securePort }: EurekaInstance): string {
  return securePort.enabled && !port.enabled
    ? httpUrl(hostName, securePort.number, 'https')
    : httpUrl(hostName, port.number);
}

/** Facts for which Eureka has no fields, where its clients put them: Spring's load balancer reads the weight there. */
export function factsIn({ version = '', weight = '' }: Readonly<Record<string, string>>) {
  return {
    version: version.slice(0, LONGEST_VERSION),
    weight: /^[1-9]\d{0,4}$/.test(weight) ? Math.min(Number(weight), MOST_WEIGHT) : 1,
  };
}

function detailsOf(instance: EurekaInstance): EurekaDetails {
  const { app: _, instanceId: __, healthCheckUrl: ___, metadata: ____, leaseInfo, ...details } = instance;
  return { ...details, ...leaseInfo };
}

import { isIP } from 'node:net';
import type { Instance } from '../../domain/instance.ts';
import { placeOf } from '../place.ts';
import type { InstanceInfo } from './answers.schemas.ts';
import { eurekaDetailsOf, type EurekaDetails } from './details.ts';
import { statusOf, statusOfOverride } from './statuses.ts';

const EMPTY_MAP = 'java.util.Collections$EmptyMap';
const AMAZON_INFO = 'com.netflix.appinfo.AmazonInfo';
const DATA_CENTER_INFO = 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo';

/** The name of a service as Eureka's clients write it. */
export function appOf(service: string): string {
  return service.toUpperCase();
}

/**
 * An instance as Eureka tells it.
 * @param renewedAt milliseconds since 1970; lists, which are asked for all the time, say when it last changed.
 */
export function instanceInfoOf(instance: Instance, renewedAt = instance.changedAt): InstanceInfo {
  const details = eurekaDetailsOf(instance);
  const { hostName, ipAddr, vipAddress, port, securePort, ...shown } = details ?? detailsFor(instance);
  const { service, instanceId, healthCheckUrl, changedAt, createIndex, modifyIndex } = instance;
  return {
    instanceId,
    hostName,
    app: appOf(service),
    ipAddr,
    status: statusOf(instance, details?.status),
    overriddenStatus: statusOfOverride(instance.override) ?? 'UNKNOWN',
    port: portOf(port),
    securePort: portOf(securePort),
    countryId: shown.countryId,
    dataCenterInfo: dataCenterOf(shown.dataCenterInfo),
    leaseInfo: leaseOf(instance, shown, renewedAt),
    metadata: metadataOf(instance),
    homePageUrl: shown.homePageUrl,
    statusPageUrl: shown.statusPageUrl,
    healthCheckUrl,
    secureHealthCheckUrl: shown.secureHealthCheckUrl,
    vipAddress,
    secureVipAddress: shown.secureVipAddress,
    appGroupName: shown.appGroupName,
    asgName: shown.asgName,
    isCoordinatingDiscoveryServer: shown.isCoordinatingDiscoveryServer ? 'true' : 'false',
    lastUpdatedTimestamp: String(changedAt),
    lastDirtyTimestamp: String(shown.lastDirtyTimestamp ?? changedAt),
    actionType: createIndex === modifyIndex ? 'ADDED' : 'MODIFIED',
  };
}

/** Of a lease as Eureka's clients expect everybody to have one. */
const DURATION_SECS = 90;
const RENEWALS = 3;

/** What Eureka's clients want to know of an instance that another protocol registered. */
function detailsFor({ service, url, ttlMs }: Instance): EurekaDetails {
  const { host, port } = placeOf(url);
  const secure = url.startsWith('https:');
  const durationInSecs = ttlMs === undefined ? DURATION_SECS : Math.max(1, Math.round(ttlMs / 1_000));
  return {
    hostName: host,
    ipAddr: isIP(host) === 0 ? '' : host,
    status: 'UP',
    port: { number: port, enabled: !secure },
    securePort: { number: secure ? port : 443, enabled: secure },
    vipAddress: service,
    ...(secure ? { secureVipAddress: service } : {}),
    homePageUrl: `${url}/`,
    countryId: 1,
    dataCenterInfo: { name: 'MyOwn' },
    renewalIntervalInSecs: Math.max(1, Math.floor(durationInSecs / RENEWALS)),
    durationInSecs,
    isCoordinatingDiscoveryServer: false,
  };
}

function portOf({ number, enabled }: EurekaDetails['port']): InstanceInfo['port'] {
  return { $: number, '@enabled': enabled ? 'true' : 'false' };
}

function dataCenterOf({ name, metadata }: EurekaDetails['dataCenterInfo']): InstanceInfo['dataCenterInfo'] {
  return { '@class': name === 'Amazon' ? AMAZON_INFO : DATA_CENTER_INFO, name, metadata };
}

function leaseOf(
  { registeredAt }: Instance,
  { renewalIntervalInSecs, durationInSecs }: Pick<EurekaDetails, 'renewalIntervalInSecs' | 'durationInSecs'>,
  renewedAt: number,
): InstanceInfo['leaseInfo'] {
  return {
    renewalIntervalInSecs,
    durationInSecs,
    registrationTimestamp: registeredAt,
    lastRenewalTimestamp: renewedAt,
    evictionTimestamp: 0,
    serviceUpTimestamp: registeredAt,
  };
}

/** What Eureka's clients declared, as they did; of others also what Eureka has no field for. */
function metadataOf({ protocol, metadata, version, weight }: Instance): Record<string, string> {
  const all =
    protocol === 'eureka'
      ? metadata
      : { ...metadata, ...(version === '' ? {} : { version }), weight: String(weight) };
  return Object.keys(all).length === 0 ? { '@class': EMPTY_MAP } : { ...all };
}

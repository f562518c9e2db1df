import { isIP } from 'node:net';
import type { Instance } from '../../domain/instance.ts';
import { parseAddress } from '../address.ts';
import type { InstanceInfo } from './response.schemas.ts';
import { parseEurekaDetails, type EurekaDetails } from './eureka-details.ts';
import { toEurekaStatus, overriddenStatus } from './statuses.ts';

const EMPTY_MAP = 'java.util.Collections$EmptyMap';
const AMAZON_INFO = 'com.netflix.appinfo.AmazonInfo';
const DATA_CENTER_INFO = 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo';

/** A service's name in Eureka's format. */
export function toAppName(service: string): string {
  return service.toUpperCase();
}

/**
 * An instance in Eureka's format.
 * @param renewedAt milliseconds since 1970. Lists, which clients request often, use the last change instead.
 */
export function toInstanceInfo(instance: Instance, renewedAt = instance.changedAt): InstanceInfo {
  const details = parseEurekaDetails(instance);
  const { hostName, ipAddr, vipAddress, port, securePort, ...shown } = details ?? defaultDetails(instance);
  const { service, instanceId, healthCheckUrl, changedAt, createIndex, modifyIndex } = instance;
  return {
    instanceId,
    hostName,
    app: toAppName(service),
    ipAddr,
    status: toEurekaStatus(instance, details?.status),
    overriddenStatus: overriddenStatus(instance.override) ?? 'UNKNOWN',
    port: toPort(port),
    securePort: toPort(securePort),
    countryId: shown.countryId,
    dataCenterInfo: toDataCenterInfo(shown.dataCenterInfo),
    leaseInfo: toLeaseInfo(instance, shown, renewedAt),
    metadata: toMetadata(instance),
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

/** The lease of an instance without one: Eureka's clients expect a lease in every instance. */
const DEFAULT_DURATION_SECS = 90;
const RENEWALS_PER_LEASE = 3;

/** Eureka's data of an instance that another protocol registered. */
function defaultDetails({ service, url, ttlMs }: Instance): EurekaDetails {
  const { host, port } = parseAddress(url);
  const secure = url.startsWith('https:');
  const durationInSecs = ttlMs === undefined ? DEFAULT_DURATION_SECS : Math.max(1, Math.round(ttlMs / 1_000));
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
    renewalIntervalInSecs: Math.max(1, Math.floor(durationInSecs / RENEWALS_PER_LEASE)),
    durationInSecs,
    isCoordinatingDiscoveryServer: false,
  };
}

function toPort({ number, enabled }: EurekaDetails['port']): InstanceInfo['port'] {
  return { $: number, '@enabled': enabled ? 'true' : 'false' };
}

function toDataCenterInfo({
  name,
  metadata,
}: EurekaDetails['dataCenterInfo']): InstanceInfo['dataCenterInfo'] {
  return { '@class': name === 'Amazon' ? AMAZON_INFO : DATA_CENTER_INFO, name, metadata };
}

function toLeaseInfo(
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

/** The metadata that Eureka's clients declared. For other instances also the data without a field in Eureka. */
function toMetadata({ protocol, metadata, version, weight }: Instance): Record<string, string> {
  const all =
    protocol === 'eureka'
      ? metadata
      : { ...metadata, ...(version === '' ? {} : { version }), weight: String(weight) };
  return Object.keys(all).length === 0 ? { '@class': EMPTY_MAP } : { ...all };
}

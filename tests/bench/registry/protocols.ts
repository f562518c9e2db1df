import type { LoadRequest } from '../load/load-generator.ts';

/** The calls of a registry in one protocol. Instances are numbered. */
export interface RegistryProtocol {
  /** Each `round` registers another version of the instance, so that it is a change and not a renewal. */
  register(service: string, number: number, round: number): LoadRequest;
  renew(service: string, number: number): LoadRequest;
  /** All instances of a service. */
  list(service: string): LoadRequest;
}

export type RegistryProtocolName = 'courses' | 'consul' | 'eureka';

const LEASE_SECONDS = 600;

const hostAddress = (number: number) => `10.0.${number >> 8}.${number & 255}`;
const json = { 'content-type': 'application/json' };

/** The courses' four calls. Their list is `/services`, which holds only the one service here. */
const courses: RegistryProtocol = {
  register: (service, number, round) => ({
    method: 'POST',
    path: '/register',
    headers: json,
    body: JSON.stringify({
      serviceName: service,
      serviceUrl: `http://${hostAddress(number)}:8080`,
      instanceId: `${service}-${number}`,
      version: `1.0.${round}`,
      ttlMs: LEASE_SECONDS * 1_000,
    }),
  }),
  renew: (service, number) => ({
    method: 'POST',
    path: `/heartbeat/${service}`,
    headers: json,
    body: JSON.stringify({ instanceId: `${service}-${number}` }),
  }),
  list: () => ({ method: 'GET', path: '/services', headers: {} }),
};

const consul: RegistryProtocol = {
  register: (service, number, round) => ({
    method: 'PUT',
    path: '/v1/agent/service/register',
    headers: json,
    body: JSON.stringify({
      ID: `${service}-${number}`,
      Name: service,
      Address: hostAddress(number),
      Port: 8080,
      Meta: { version: `1.0.${round}` },
      Check: { CheckID: `service:${service}-${number}`, TTL: `${LEASE_SECONDS}s`, Status: 'passing' },
    }),
  }),
  renew: (service, number) => ({
    method: 'PUT',
    path: `/v1/agent/check/pass/service:${service}-${number}`,
    headers: {},
  }),
  list: (service) => ({ method: 'GET', path: `/v1/health/service/${service}?passing`, headers: {} }),
};

const eureka: RegistryProtocol = {
  register: (service, number, round) => ({
    method: 'POST',
    path: `/eureka/apps/${service.toUpperCase()}`,
    headers: json,
    body: JSON.stringify({
      instance: {
        instanceId: `${service}-${number}`,
        app: service.toUpperCase(),
        hostName: hostAddress(number),
        ipAddr: hostAddress(number),
        vipAddress: service,
        status: 'UP',
        port: { $: 8080, '@enabled': true },
        dataCenterInfo: {
          '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
          name: 'MyOwn',
        },
        leaseInfo: { durationInSecs: LEASE_SECONDS },
        metadata: { version: `1.0.${round}` },
      },
    }),
  }),
  renew: (service, number) => ({
    method: 'PUT',
    path: `/eureka/apps/${service.toUpperCase()}/${service}-${number}?status=UP`,
    headers: {},
  }),
  list: (service) => ({ method: 'GET', path: `/eureka/apps/${service.toUpperCase()}`, headers: {} }),
};

export const PROTOCOLS: Readonly<Record<RegistryProtocolName, RegistryProtocol>> = {
  courses,
  consul,
  eureka,
};

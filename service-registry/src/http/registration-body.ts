import { Invalid } from '@plaza/errors';
import { addressId, type Instance } from '../domain/instance.ts';
import type { Upsert } from '../domain/registrations.service.ts';
import type { RegistrationBody } from './registrations.schemas.ts';

/** @throws {Invalid} where the body of a call is about another service than its path. */
export function refuseOtherName(path: string, body: string | undefined): void {
  if (body === undefined || body === path) return;
  throw new Invalid('The body names another service than the path.', {
    fields: [{ path: 'serviceName', message: `must be ${path}, as in the path` }],
  });
}

/** What the domain makes of a body, with what it leaves out. */
export function upsertOf(body: RegistrationBody, silenceMs: number): Upsert {
  const {
    serviceName: service,
    serviceUrl: url,
    healthCheckUrl,
    version = '',
    weight = 1,
    metadata = {},
  } = body;
  const { instanceId = addressId(url), state = 'up', incarnation, ttlMs = silenceMs } = body;
  const optional = healthCheckUrl === undefined ? {} : { healthCheckUrl };
  return {
    declaration: { service, instanceId, url, ...optional, version, weight, metadata },
    state,
    ttlMs,
    incarnation,
  };
}

/** An instance as GET /services tells it. */
export function described(instance: Instance, leaseEnds: ReadonlyMap<string, number>) {
  const { service, instanceId, url, healthCheckUrl, registeredAt, version, weight, state, metadata } =
    instance;
  const leaseEnd = leaseEnds.get(`${service}/${instanceId}`);
  const lastHeartbeat = leaseEnd === undefined ? registeredAt : leaseEnd - instance.ttlMs;
  return {
    name: service,
    url,
    healthCheckUrl,
    registeredAt,
    lastHeartbeat,
    instanceId,
    version,
    weight,
    state,
    metadata,
  };
}

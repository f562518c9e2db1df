import { Invalid } from '@plaza/errors';
import type { HttpCheck } from '../domain/check.ts';
import { instanceIdFromUrl } from '../domain/instance.ts';
import type { InstanceUpsert } from '../domain/registrations.service.ts';
import type { RegistrationBody } from './registrations.schemas.ts';

/** @throws {Invalid} if the body has another service name than the path. */
export function assertSameServiceName(path: string, body: string | undefined): void {
  if (body === undefined || body === path) return;
  throw new Invalid('The body names another service than the path.', {
    fields: [{ path: 'serviceName', message: `must be ${path}, as in the path` }],
  });
}

/** Converts a body, with defaults for absent fields. */
export function toUpsert(body: RegistrationBody, silenceMs: number): InstanceUpsert {
  const {
    serviceName: service,
    serviceUrl: url,
    healthCheckUrl,
    version = '',
    weight = 1,
    tags = [],
    metadata = {},
  } = body;
  const { instanceId = instanceIdFromUrl(url), state = 'up', incarnation, ttlMs = silenceMs } = body;
  const optional = healthCheckUrl === undefined ? {} : { healthCheckUrl };
  const checks = healthCheckUrl === undefined ? [] : [createHealthCheck(healthCheckUrl)];
  return {
    definition: {
      service,
      instanceId,
      url,
      ...optional,
      version,
      weight,
      tags,
      metadata,
      protocol: 'plaza',
      details: {},
      checks,
    },
    state,
    ttlMs,
    incarnation,
  };
}

/** A registering instance counts as ready until a probe fails. */
function createHealthCheck(url: string): HttpCheck {
  return { id: 'health', name: 'Health', kind: 'http', initial: 'passing', url };
}

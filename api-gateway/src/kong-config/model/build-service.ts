import { parseAddress, normaliseAddress, type ServiceAddress } from './service-address.ts';
import type { ServiceEntity } from './entities.ts';
import { entityId } from './entity-id.ts';
import type { KongService } from '../schema/service.ts';
import { serviceName } from '../config-traversal.ts';

/** @param upstreamNames names of upstreams: a service's host may be one. */
export function buildService(service: KongService, upstreamNames: ReadonlySet<string>): ServiceEntity {
  const { url, protocol = 'http', host = '', port, path = '/' } = service;
  const where: { address: ServiceAddress; path: string } =
    url === undefined
      ? { path, address: { protocol: `${protocol}:`, host, port } }
      : { path: new URL(url).pathname, address: parseAddress(url) };
  return {
    id: entityId('service', serviceName(service), service.id),
    name: serviceName(service),
    path: where.path,
    address: normaliseAddress(where.address, upstreamNames),
    connectTimeoutMs: service.connect_timeout,
    readTimeoutMs: service.read_timeout,
    writeTimeoutMs: service.write_timeout,
    retries: service.retries,
    enabled: service.enabled,
    tags: new Set(service.tags),
  };
}

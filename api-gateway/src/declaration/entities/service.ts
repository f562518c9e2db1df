import { addressOf, standardAddress, type Address } from '../address.ts';
import type { Service } from '../declaration.ts';
import { entityId } from '../entity-id.ts';
import type { KongService } from '../format/service.ts';
import { serviceName } from '../walk.ts';

/** @param balanced names of upstreams: a service's host may be one. */
export function serviceOf(service: KongService, balanced: ReadonlySet<string>): Service {
  const { url, protocol = 'http', host = '', port, path = '/' } = service;
  const where: { address: Address; path: string } =
    url === undefined
      ? { path, address: { protocol: `${protocol}:`, host, port } }
      : { path: new URL(url).pathname, address: addressOf(url) };
  return {
    id: entityId('service', serviceName(service), service.id),
    name: serviceName(service),
    path: where.path,
    address: standardAddress(where.address, balanced),
    connectTimeoutMs: service.connect_timeout,
    readTimeoutMs: service.read_timeout,
    writeTimeoutMs: service.write_timeout,
    retries: service.retries,
    enabled: service.enabled,
    tags: new Set(service.tags),
  };
}

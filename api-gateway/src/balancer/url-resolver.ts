import { parseAddress, normaliseAddress } from '../kong-config/model/service-address.ts';
import { NoInstance } from '../transport/upstream.errors.ts';
import type { UpstreamRegistry } from './upstream-registry.ts';

/**
 * The current URL of a document, with the name of a service replaced by the address of one of its instances.
 * The returned function throws {NoInstance}.
 */
export function createUrlResolver(url: string, upstreams: UpstreamRegistry): () => string {
  const { pathname, search } = new URL(url);
  const address = normaliseAddress(parseAddress(url), new Set());
  return () => {
    const upstream = upstreams.resolve(address);
    const endpoint = upstream.pick();
    if (endpoint === undefined) throw new NoInstance(upstream.name, { reason: upstream.emptyReason() });
    return endpoint.url + pathname + search;
  };
}

import { addressOf, standardAddress } from '../declaration/address.ts';
import { NoInstance } from './upstream.errors.ts';
import type { Upstreams } from './upstreams.ts';

/**
 * Where a document is at the moment: its URL, with the name of a service replaced by one of its instances.
 * The function that is returned throws {NoInstance}.
 */
export function locator(url: string, upstreams: Upstreams): () => string {
  const { pathname, search } = new URL(url);
  const address = standardAddress(addressOf(url), new Set());
  return () => {
    const upstream = upstreams.at(address);
    const peer = upstream.pick();
    if (peer === undefined) throw new NoInstance(upstream.name);
    return peer.url + pathname + search;
  };
}

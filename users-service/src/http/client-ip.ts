import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/** A person with IPv6 has a network of at least this size, and would be a stranger with each address in it. */
const IPV6_NETWORK_BITS = 64;

/** What a client's attempts are counted by: its IPv4 address, or its IPv6 network. */
export function toClientIpKey({ ip }: Pick<Request, 'ip'>): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6
    ? ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${IPV6_NETWORK_BITS}`).toString()
    : address.toString();
}

import { BlockList, isIP } from 'node:net';
import { Forbidden } from '@plaza/errors';
import { sendProblem } from '../api/problem-response.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import { schema, type IpRestrictionConfig } from './schema.ts';

/** Allows or denies requests by the client's address. TRUSTED_PROXIES says how much of X-Forwarded-For counts. */
export const ipRestriction: PluginDefinition<IpRestrictionConfig> = {
  name: 'ip-restriction',
  priority: 990,
  schema: schema.describe(
    'Allows or denies requests by the client’s address. `TRUSTED_PROXIES` says how much of X-Forwarded-For counts.',
  ),
  create: ({ allow = [], deny = [], status, message = 'Your IP address is not allowed.' }) => {
    const [allowed, denied] = [createBlockList(allow), createBlockList(deny)];
    // A value that is no address (a proxy may send `unknown`) never passes.
    const mayPass = (address: string) =>
      isIP(address) !== 0 &&
      !includesAddress(denied, address) &&
      (allow.length === 0 || includesAddress(allowed, address));
    return {
      access: (requestContext) => {
        const { clientAddress: address } = requestContext;
        if (!mayPass(address)) sendProblem(requestContext, status, new Forbidden(message));
      },
    };
  },
};

function createBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = addressFamily(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Node treats an IPv4-mapped IPv6 address (`::ffff:10.0.0.1`) as the IPv4 address. */
function includesAddress(list: BlockList, address: string): boolean {
  return list.check(address, addressFamily(address));
}

function addressFamily(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

import { BlockList, isIP } from 'node:net';
import { Forbidden } from '@plaza/errors';
import { z } from 'zod';
import { sendProblem } from '../api/problem-response.ts';
import type { PluginDefinition } from '../api/plugin.ts';

const networks = z.array(
  z.string().refine(isNetwork, 'must be an IP address or a network such as 10.0.0.0/8'),
);

const schema = z
  .strictObject({
    allow: networks.optional().describe('Only these addresses and networks pass'),
    deny: networks.optional().describe('These addresses and networks are refused'),
    status: z.int().min(400).max(599).default(403),
    message: z.string().min(1).optional(),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, 'must have allow or deny');

/** Allows or denies requests by the client's address. TRUSTED_PROXIES says how much of X-Forwarded-For counts. */
export const ipRestriction: PluginDefinition<z.output<typeof schema>> = {
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

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

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

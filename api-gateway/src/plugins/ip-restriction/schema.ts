import { isIP } from 'node:net';
import { z } from 'zod';

const networks = z.array(
  z.string().refine(isNetwork, 'must be an IP address or a network such as 10.0.0.0/8'),
);

export const schema = z
  .strictObject({
    allow: networks.optional().describe('Only these addresses and networks pass'),
    deny: networks.optional().describe('These addresses and networks are refused'),
    status: z.int().min(400).max(599).default(403),
    message: z.string().min(1).optional(),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, 'must have allow or deny');

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

export type IpRestrictionConfig = z.output<typeof schema>;

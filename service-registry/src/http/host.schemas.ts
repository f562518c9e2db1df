import { z } from 'zod';
import { httpUrl } from './address.ts';

/** A host name or an IP address that a client can connect to. */
export const host = z
  .string()
  .max(253)
  .regex(/^[\w.:-]+$/, 'must be a host name or an IP address')
  .refine((text) => !/^(0\.0\.0\.0|::)$/.test(text), 'must not be the address of all interfaces')
  .refine((text) => URL.canParse(httpUrl(text, 0)), 'must be a host name or an IP address');

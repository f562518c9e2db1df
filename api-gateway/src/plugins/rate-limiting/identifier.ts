import { hash } from 'node:crypto';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Visit } from '../plugin.ts';
import type { RateLimitingConfig } from './schema.ts';

/** Whose requests are counted together. */
export interface Identifier {
  readonly key: string;
  /** For the sentence that refuses. */
  readonly whom: string;
  /** Whether it is no more than an address. */
  readonly anonymous: boolean;
}

/** Kong's rule: what a request has not got, its address stands in for. */
export function identifierOf(visit: Visit, config: RateLimitingConfig): Identifier {
  return byConfiguration(visit, config) ?? byAddress(visit);
}

function byConfiguration(
  visit: Visit,
  { limit_by, header_name, path }: RateLimitingConfig,
): Identifier | undefined {
  switch (limit_by) {
    case 'consumer':
      return byConsumer(visit) ?? byCredential(visit);
    case 'credential':
      return byCredential(visit);
    case 'service':
      return visit.service && known(`service:${visit.service.name}`, 'all clients of this service');
    case 'header': {
      const value = header_name === undefined ? undefined : visit.request.get(header_name);
      return value === undefined ? undefined : known(`header:${plain(value)}`, `this ${header_name ?? ''}`);
    }
    case 'path':
      return visit.path === path ? known(`path:${plain(visit.path)}`, 'all clients of this path') : undefined;
    case 'ip':
      return undefined;
  }
}

function byConsumer({ consumer, caller }: Visit): Identifier | undefined {
  if (consumer !== undefined) return known(`consumer:${plain(consumer.username)}`, 'you');
  return caller.kind === 'user' ? known(`user:${plain(caller.userId)}`, 'you') : undefined;
}

function byCredential({ credential }: Visit): Identifier | undefined {
  return credential === undefined ? undefined : known(`credential:${plain(credential)}`, 'you');
}

/** IPv6 by the /56 that a household or a server is given: one host has more addresses than can be counted. */
function byAddress({ clientAddress }: Visit): Identifier {
  const key = `address:${ipKeyGenerator(clientAddress === '' ? 'unknown' : clientAddress, 56)}`;
  return { key, whom: 'your address', anonymous: true };
}

function known(key: string, whom: string): Identifier {
  return { key, whom, anonymous: false };
}

/** What clients and tokens say becomes part of a key in Redis: short, and without braces. */
function plain(text: string): string {
  return /^[\w.:@|-]{1,64}$/.test(text) ? text : hash('sha256', text);
}

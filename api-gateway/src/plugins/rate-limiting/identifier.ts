import { hash } from 'node:crypto';
import { ipKeyGenerator } from 'express-rate-limit';
import type { RequestContext } from '../api/request-context.ts';
import type { RateLimitingConfig } from './schema.ts';

/** Whose requests are counted together. */
export interface RateLimitIdentifier {
  readonly key: string;
  /** For the sentence that refuses. */
  readonly description: string;
  /** Whether it is no more than an address. */
  readonly anonymous: boolean;
}

/** Kong's rule: what a request has not got, its address stands in for. */
export function getIdentifier(
  requestContext: RequestContext,
  config: RateLimitingConfig,
): RateLimitIdentifier {
  return byLimitBy(requestContext, config) ?? byAddress(requestContext);
}

function byLimitBy(
  requestContext: RequestContext,
  { limit_by, header_name, path }: RateLimitingConfig,
): RateLimitIdentifier | undefined {
  switch (limit_by) {
    case 'consumer':
      return byConsumer(requestContext) ?? byCredential(requestContext);
    case 'credential':
      return byCredential(requestContext);
    case 'service':
      return (
        requestContext.service &&
        createIdentifier(`service:${requestContext.service.name}`, 'all clients of this service')
      );
    case 'header': {
      const value = header_name === undefined ? undefined : requestContext.request.get(header_name);
      return value === undefined
        ? undefined
        : createIdentifier(`header:${toKeyPart(value)}`, `this ${header_name ?? ''}`);
    }
    case 'path':
      return requestContext.path === path
        ? createIdentifier(`path:${toKeyPart(requestContext.path)}`, 'all clients of this path')
        : undefined;
    case 'ip':
      return undefined;
  }
}

function byConsumer({ consumer, caller }: RequestContext): RateLimitIdentifier | undefined {
  if (consumer !== undefined) return createIdentifier(`consumer:${toKeyPart(consumer.username)}`, 'you');
  return caller.kind === 'user' ? createIdentifier(`user:${toKeyPart(caller.userId)}`, 'you') : undefined;
}

function byCredential({ credential }: RequestContext): RateLimitIdentifier | undefined {
  return credential === undefined
    ? undefined
    : createIdentifier(`credential:${toKeyPart(credential)}`, 'you');
}

/** IPv6 by the /56 that a household or a server is given: one host has more addresses than can be counted. */
function byAddress({ clientAddress }: RequestContext): RateLimitIdentifier {
  const key = `address:${ipKeyGenerator(clientAddress === '' ? 'unknown' : clientAddress, 56)}`;
  return { key, description: 'your address', anonymous: true };
}

function createIdentifier(key: string, description: string): RateLimitIdentifier {
  return { key, description, anonymous: false };
}

/** What clients and tokens say becomes part of a key in Redis: short, and without braces. */
function toKeyPart(text: string): string {
  return /^[\w.:@|-]{1,64}$/.test(text) ? text : hash('sha256', text);
}

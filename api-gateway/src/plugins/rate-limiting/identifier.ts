import { hash } from 'node:crypto';
import { ipKeyGenerator } from 'express-rate-limit';
import type { RequestContext } from '../api/request-context.ts';
import type { RateLimitingConfig } from './schema.ts';

/** The client whose requests are counted together. */
export interface RateLimitIdentifier {
  readonly key: string;
  /** For the error message. */
  readonly description: string;
  /** True if only the address identifies the client. */
  readonly anonymous: boolean;
}

/** Kong's rule: without the configured identifier, the client's address is used. */
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

/** IPv6 addresses count by their /56, the usual size for a household or a server: one host has too many addresses to count each. */
function byAddress({ clientAddress }: RequestContext): RateLimitIdentifier {
  const key = `address:${ipKeyGenerator(clientAddress === '' ? 'unknown' : clientAddress, 56)}`;
  return { key, description: 'your address', anonymous: true };
}

function createIdentifier(key: string, description: string): RateLimitIdentifier {
  return { key, description, anonymous: false };
}

/** Values of clients and tokens become part of a Redis key: short, and without braces. */
function toKeyPart(text: string): string {
  return /^[\w.:@|-]{1,64}$/.test(text) ? text : hash('sha256', text);
}

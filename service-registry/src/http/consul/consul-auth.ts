import { Forbidden } from '@plaza/errors';
import type { HttpRoute } from '@plaza/service-kit';
import type { Request } from 'express';
import { parseBearerToken, createSecretComparer, WRITER } from '../registry-auth.ts';

/**
 * Authenticates a write as Consul does: by `?token=`, `X-Consul-Token` or a bearer token, in this order.
 * @throws {Forbidden} as Consul does: 403, not 401 with a challenge.
 */
export function createConsulAuthenticator(token: string | undefined): NonNullable<HttpRoute['authenticate']> {
  const isToken = createSecretComparer(token ?? '');
  return async (request) => {
    if (token === undefined) return WRITER;
    const sent = extractToken(request);
    if (sent === undefined)
      throw new Forbidden('Permission denied: send the registry’s token as X-Consul-Token.');
    if (!isToken(sent)) throw new Forbidden('ACL not found: this is not the registry’s token.');
    return WRITER;
  };
}

function extractToken(request: Request): string | undefined {
  const { token } = request.query;
  if (typeof token === 'string' && token !== '') return token;
  return request.get('x-consul-token') ?? parseBearerToken(request.get('authorization'));
}

import { Forbidden } from '@plaza/errors';
import type { Route } from '@plaza/service-kit';
import type { Request } from 'express';
import { bearerToken, secret, WRITER } from '../writers.ts';

/**
 * Who may write, as Consul's clients say it: by `?token=`, `X-Consul-Token` or a bearer token, in Consul's order.
 * @throws {Forbidden} as Consul does, where nobody is sent anywhere to sign in.
 */
export function consulWriters(token: string | undefined): NonNullable<Route['authenticate']> {
  const isToken = secret(token ?? '');
  return async (request) => {
    if (token === undefined) return WRITER;
    const sent = tokenIn(request);
    if (sent === undefined)
      throw new Forbidden('Permission denied: send the registry’s token as X-Consul-Token.');
    if (!isToken(sent)) throw new Forbidden('ACL not found: this is not the registry’s token.');
    return WRITER;
  };
}

function tokenIn(request: Request): string | undefined {
  const { token } = request.query;
  if (typeof token === 'string' && token !== '') return token;
  return request.get('x-consul-token') ?? bearerToken(request.get('authorization'));
}

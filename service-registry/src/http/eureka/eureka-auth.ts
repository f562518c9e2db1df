import { Unauthorized } from '@plaza/errors';
import type { HttpRoute } from '@plaza/service-kit';
import { parseBearerToken, createSecretComparer, WRITER } from '../registry-auth.ts';

/**
 * Authenticates a write: the registry's token is the password in the client's URL, with any user name, or a bearer
 * token.
 * @throws {Unauthorized}
 */
export function createEurekaAuthenticator(token: string | undefined): NonNullable<HttpRoute['authenticate']> {
  const isToken = createSecretComparer(token ?? '');
  return async (request) => {
    if (token === undefined) return WRITER;
    const authorization = request.get('authorization');
    const sent = parseBasicPassword(authorization) ?? parseBearerToken(authorization);
    if (sent === undefined)
      throw new Unauthorized(
        'This registry is protected: put its token into the URL, http://eureka:TOKEN@HOST.',
      );
    if (!isToken(sent)) throw new Unauthorized('This is not the registry’s token.');
    return WRITER;
  };
}

function parseBasicPassword(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  return /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
}

import { hash, timingSafeEqual } from 'node:crypto';
import { Unauthorized } from '@plaza/errors';
import type { Authenticator, ServiceCaller } from '@plaza/service-kit';

export const WRITER: ServiceCaller = {
  kind: 'service',
  name: 'registry-writer',
  scopes: new Set(['registry']),
};

/** Authenticates a write by the registry's token. Without a configured token every client may write. */
export function createWriterAuthenticator(token: string | undefined): Authenticator {
  const isToken = createSecretComparer(token ?? '');
  return async (authorization) => {
    if (token === undefined) return WRITER;
    const sent = parseBearerToken(authorization);
    if (sent === undefined) {
      throw new Unauthorized('This registry is protected: send its token as "Authorization: Bearer …".');
    }
    if (!isToken(sent)) throw new Unauthorized("This is not the registry's token.");
    return WRITER;
  };
}

/** The bearer token of an `Authorization` header, if there is one. */
export function parseBearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Compares with a secret in constant time. Compares hashes, because `timingSafeEqual` needs equal lengths. */
export function createSecretComparer(expected: string): (sent: string) => boolean {
  const digest = sha256(expected);
  return (sent) => timingSafeEqual(sha256(sent), digest);
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

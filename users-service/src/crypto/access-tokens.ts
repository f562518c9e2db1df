import { randomUUID } from 'node:crypto';
import { ACCESS_TOKENS } from '@plaza/service-kit';
import { SignJWT } from 'jose';
import { ACCESS_TOKEN_SECONDS, type Tokens } from '../domain/tokens.ts';
import type { KeyRing } from './key-ring.ts';

export function createAccessTokenIssuer(keys: KeyRing, now: () => Date): Tokens['issueAccess'] {
  return async (user, sessionId) => {
    const { kid, privateKey } = keys.signingKey();
    const issuedAt = Math.floor(now().getTime() / 1_000);
    const accessToken = await new SignJWT({
      username: user.username,
      scope: user.admin ? 'user admin' : 'user',
      sid: sessionId,
    })
      .setProtectedHeader({ alg: ACCESS_TOKENS.algorithm, typ: 'JWT', kid })
      .setIssuer(ACCESS_TOKENS.issuer)
      .setAudience(ACCESS_TOKENS.audience)
      .setSubject(user.id)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
      .sign(privateKey);
    return { accessToken, expiresIn: ACCESS_TOKEN_SECONDS };
  };
}

import { CLOCK_SKEW_SECONDS } from '@plaza/access-tokens';
import { Unauthorized } from '@plaza/errors';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { ServiceCaller } from './caller.ts';

const ISSUER = 'plaza-services';
const AUDIENCE = 'plaza-internal';
const LIFETIME_SECONDS = 60;
/** A cached token is given out until it has this long to live. */
const SPARE_SECONDS = 20;

const claims = z.object({ sub: z.string().min(1), scope: z.string() });

export interface ServiceTokens {
  /** A token of this service for a call of its own; lives for 60 s and is cached. */
  issue(): Promise<string>;
  /** @throws {Unauthorized} */
  verify(token: string): Promise<ServiceCaller>;
}

/** Tokens between services, signed (HS256) with the deployment's one service secret. */
export function createServiceTokens(
  service: string,
  secret: string,
  now: () => number = Date.now,
): ServiceTokens {
  const key = new TextEncoder().encode(secret);
  let cached: { token: string; until: number } | undefined;

  return {
    issue: async () => {
      const seconds = Math.floor(now() / 1_000);
      if (cached !== undefined && cached.until > seconds) return cached.token;
      const token = await new SignJWT({ scope: 'internal' })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(service)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + LIFETIME_SECONDS)
        .sign(key);
      cached = { token, until: seconds + LIFETIME_SECONDS - SPARE_SECONDS };
      return token;
    },
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer: ISSUER,
          audience: AUDIENCE,
          algorithms: ['HS256'],
          clockTolerance: CLOCK_SKEW_SECONDS,
          currentDate: new Date(now()),
        });
        const { sub, scope } = claims.parse(payload);
        return { kind: 'service', name: sub, scopes: new Set(scope.split(' ')) };
      } catch (error) {
        throw new Unauthorized('The service token is not valid.', { cause: error });
      }
    },
  };
}

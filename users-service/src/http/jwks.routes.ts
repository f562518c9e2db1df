import { route, type HttpRoute } from '@plaza/service-kit';
import { jwksView } from './auth.schemas.ts';

/** The public keys that access tokens are checked by. */
export interface JwksSource {
  publicJwks(): Promise<{ readonly kid: string }[]>;
}

export function jwksRoutes(keys: JwksSource): HttpRoute[] {
  return [
    route({
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'The keys that access tokens are checked by (RFC 7517)',
      tag: 'auth',
      auth: 'none',
      responses: { 200: jwksView },
      handle: async () => ({
        status: 200,
        body: { keys: await keys.publicJwks() },
        headers: { 'Cache-Control': 'public, max-age=300' },
      }),
    }),
  ];
}

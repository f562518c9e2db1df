import { route, type Route } from '@plaza/service-kit';
import { keySetView } from './auth.schemas.ts';

/** The public keys that access tokens are checked by. */
export interface PublishedKeys {
  published(): Promise<{ readonly kid: string }[]>;
}

export function keyRoutes(keys: PublishedKeys): Route[] {
  return [
    route({
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'The keys that access tokens are checked by (RFC 7517)',
      tag: 'auth',
      auth: 'none',
      answers: { 200: keySetView },
      handle: async () => ({
        status: 200,
        body: { keys: await keys.published() },
        headers: { 'Cache-Control': 'public, max-age=300' },
      }),
    }),
  ];
}

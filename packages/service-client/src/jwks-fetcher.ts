import type { ServiceClient } from './client/service-client.ts';

/** Path of a service's JSON Web Key Set (RFC 7517). */
const PATH = '/.well-known/jwks.json';

/** Fetches the keys that a service signs tokens with: `fetchKeys` of `createJwks` in @plaza/access-tokens. */
export function createJwksFetcher({ request }: Pick<ServiceClient, 'request'>): () => Promise<Response> {
  return async () => {
    const { status, data } = await request({ method: 'GET', path: PATH, as: 'anonymous' });
    return Response.json(data, { status });
  };
}

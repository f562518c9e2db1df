import type { ServiceClient } from './client/service-client.ts';

/** Where a service publishes its JWKS (RFC 7517). */
const PATH = '/.well-known/jwks.json';

/** Fetches the keys that a service signs tokens with, as `createRemoteJwks` asks for them. */
export function createJwksFetcher({ request }: Pick<ServiceClient, 'request'>): () => Promise<Response> {
  return async () => {
    const { status, data } = await request({ method: 'GET', path: PATH, as: 'nobody' });
    return Response.json(data, { status });
  };
}

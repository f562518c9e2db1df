import type { Locate } from './locate.ts';

/** Where a service publishes its JWKS (RFC 7517). @throws where no instance of it is known. */
export function jwksAt(service: string, locate: Locate): () => string {
  return () => {
    const url = locate();
    if (url === undefined) throw new Error(`no instance of ${service} is known`);
    return `${url}/.well-known/jwks.json`;
  };
}

import type { Locate } from './locate.ts';

/** Where the users service publishes the keys that access tokens are checked by. @throws where nobody does. */
export function userKeysAt(locate: Locate): () => string {
  return () => {
    const url = locate();
    if (url === undefined) throw new Error('no instance of users-service is known');
    return `${url}/.well-known/jwks.json`;
  };
}

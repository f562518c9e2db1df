import { describe, expect, test } from '@jest/globals';
import { createJwks, type JwksOptions } from '@plaza/access-tokens';
import type { Contract } from './pact-builder.ts';
import { anyText, eachLike, oneOf } from './matchers.ts';

/** An RSA key of 2048 bits whose private half was thrown away. */
export const EXAMPLE_KEY = {
  kid: 'a-key',
  n:
    'vUu0zsnGYoGQSPab8aviyEbFhYMjIhYAq-r2r2_SnFkfgoBibEqEUkLDxU5YnDSfs6_E3P8a9XQaddCP8xUjF8rPN6M-q_JEVkurEJVMeKgPQczU' +
    'qELWY3-hHU7IyEuARwoyLPD6wQ8oguGWPFaulAnEvAbzIyQhOPJhLvQqOYaJpqg9-K8wzUWNhoAVv2RKsEoBGEEflcqAspP6LWSrLRte9t_Z5jnA' +
    'sri4Vb8eN5dOV8ZVnGQPgnnmIpS7_ajxhzqpqcGH95xM4PrTP5WH94059ANvQZQepytfRAMLpItU0JWhO1oKAdEHgNI4wylPzOQe1c8_k6ugKnNC' +
    'olkvGQ',
  e: 'AQAB',
} as const;

const BASE64URL = /[\w-]+/;

/** A JSON Web Key Set (RFC 7517) as a verifier of tokens reads it. */
export const jwksLike = {
  keys: eachLike({
    kty: oneOf('RSA'),
    kid: anyText(EXAMPLE_KEY.kid),
    alg: oneOf('RS256'),
    n: anyText(EXAMPLE_KEY.n, BASE64URL),
    e: anyText(EXAMPLE_KEY.e, BASE64URL),
  }),
};

/**
 * What every service that checks access tokens asks for: the keys to check them by.
 * @param fetchKeys how a service asks the provider at this URL for its keys
 */
export function describeJwksContract(
  contract: Contract,
  fetchKeys: (url: string) => JwksOptions['fetchKeys'],
): void {
  describe('GET /.well-known/jwks.json', () => {
    test('answers the keys that access tokens are checked by', () =>
      contract
        .httpInteraction()
        .uponReceiving('a service that checks access tokens')
        .withRequest('GET', '/.well-known/jwks.json')
        .willRespondWith(200, (response) => response.jsonBody(jwksLike))
        .executeTest(async ({ url }) => {
          const keys = createJwks({ fetchKeys: fetchKeys(url), now: Date.now });
          const found = await keys.find(EXAMPLE_KEY.kid, 'RS256');
          expect(found?.key).toMatchObject({ type: 'public', asymmetricKeyDetails: { modulusLength: 2048 } });
        }));
  });
}

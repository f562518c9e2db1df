import type { LogEvent } from '@plaza/errors';
import { describe, expect, test } from '@jest/globals';
import { createJwks } from '@plaza/access-tokens';
import {
  createContractTokens,
  anyText,
  describeContract,
  EXAMPLE_KEY,
  eachLike,
  jwksLike,
} from '@plaza/contracts';
import { eventually } from '@plaza/local-stack/testing';
import { encodeCursor } from '@plaza/service-kit';
import { createRevocationList } from '../../src/plugins/jwt/revocation-list.ts';

const { issue: serviceToken } = createContractTokens('api-gateway');
const headers = { Authorization: `Bearer ${await serviceToken()}` };
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/;

/** The users service's cursor; the gateway sends it back unread. */
const CURSOR = encodeCursor([0, '']);

/** An empty page with a next page. */
const FIRST_PAGE = `data:application/json,${JSON.stringify({ items: [], next: CURSOR, more: true })}`;

const page = {
  items: eachLike({ sessionId: anyText('a-session'), until: anyText('2026-01-01T00:16:00.000Z', INSTANT) }),
  next: anyText(CURSOR),
  more: false,
};

/** Polls the pages until the list has the ended session. */
async function hears(...pages: readonly string[]) {
  const left = [...pages];
  const said: string[] = [];
  const say = ({ event }: LogEvent) => void said.push(event);
  const revocations = createRevocationList({
    locate: () => left.shift() ?? 'about:blank',
    serviceToken,
    logger: { error: say, warn: say, info: say, debug: say },
    now: () => Date.parse('2026-01-01T00:00:00Z'),
  });
  revocations.acquire();
  await eventually(() => expect([revocations.has('a-session'), said]).toEqual([true, []]));
  revocations.release();
}

describeContract({ consumer: 'ApiGateway', provider: 'UsersService' }, (contract) => {
  describe('GET /auth/revocations', () => {
    test('answers the logins of which tokens could still be valid', () =>
      contract
        .httpInteraction()
        .given('a login has ended')
        .uponReceiving('a gateway that asks which logins have ended')
        .withRequest('GET', '/auth/revocations', (request) => request.headers(headers))
        .willRespondWith(200, (response) => response.jsonBody(page))
        .executeTest(({ url }) => hears(`${url}/auth/revocations`)));

    test('goes on where the page before has ended', () =>
      contract
        .httpInteraction()
        .given('a login has ended')
        .uponReceiving('a gateway that asks which logins have ended since')
        .withRequest('GET', '/auth/revocations', (request) =>
          request.headers(headers).query({ since: CURSOR }),
        )
        .willRespondWith(200, (response) => response.jsonBody(page))
        .executeTest(({ url }) => hears(FIRST_PAGE, `${url}/auth/revocations`)));
  });

  describe('GET /.well-known/jwks.json', () => {
    test('answers the keys that access tokens are checked by', () =>
      contract
        .httpInteraction()
        .uponReceiving('a gateway that checks access tokens')
        .withRequest('GET', '/.well-known/jwks.json')
        .willRespondWith(200, (response) => response.jsonBody(jwksLike))
        .executeTest(async ({ url }) => {
          const keys = createJwks({
            fetchKeys: () => fetch(`${url}/.well-known/jwks.json`),
            now: Date.now,
          });
          expect(await keys.find(EXAMPLE_KEY.kid, 'RS256')).toMatchObject({ algorithm: 'RS256' });
        }));
  });
});

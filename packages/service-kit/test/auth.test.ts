import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createJwks } from '@plaza/access-tokens';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createServiceTokens,
  listen,
} from '@plaza/service-kit';
import { exportJWK, SignJWT, type JWTPayload } from 'jose';
import request from 'supertest';
import { exampleApp } from './example-app.ts';

const SECRET = 'the secret of this deployment';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }] };
const keys = createJwks({ fetchKeys: async () => Response.json(jwks), now: Date.now });
const serviceTokens = createServiceTokens('posts-service', SECRET);

const { app } = exampleApp({
  authenticate: createAuthenticator({ accessTokens: createAccessTokenVerifier(keys), serviceTokens }),
});

const CLAIMS = { iss: 'plaza', aud: 'plaza', sub: 'u1', username: 'ada', scope: 'user' };

function sign(
  claims: JWTPayload = {},
  key: KeyObject | Uint8Array = privateKey,
  alg = 'RS256',
  expires = '5m',
) {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg, kid: 'k1' })
    .setExpirationTime(expires)
    .sign(key);
}

const as = (token: string) => request(app).get('/me').set('Authorization', `Bearer ${token}`);
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const FAR = { exp: 4_000_000_000 };

describe('a user’s token', () => {
  test('says who is asking', async () => {
    expect((await as(await sign())).body).toEqual({ userId: 'u1' });
  });

  test.each([
    ['that is no token', async () => 'not-a-token'],
    ['of three words', async () => 'a.b.c'],
    ['that has expired', () => sign({}, privateKey, 'RS256', '-5m')],
    ['of another issuer', () => sign({ iss: 'elsewhere' })],
    ['for another audience', () => sign({ aud: 'elsewhere' })],
    ['without a subject', () => sign({ sub: '' })],
    ['signed with a key of a stranger', () => sign({}, stranger.privateKey)],
    ['of another algorithm', () => sign({}, privateKey, 'PS256')],
    ['without a signature', async () => `${encode({ alg: 'none' })}.${encode({ ...CLAIMS, ...FAR })}.`],
    [
      'signed with the public key as a secret',
      () => sign({}, Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })), 'HS256'),
    ],
    [
      'signed as a service by who does not know the secret',
      () => sign({ iss: 'plaza-services', aud: 'plaza-internal' }, Buffer.from('x'.repeat(32)), 'HS256'),
    ],
    ['that is endless', async () => 'a'.repeat(5_000)],
  ])('%s is a 401 that says why', async (_name, make) => {
    const response = await as(await make());
    expect(response.status).toBe(401);
    expect(response.get('WWW-Authenticate')).toBe('Bearer');
    expect(response.body.message).toMatch(/token/);
  });

  test.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'token'])('sent as "%s" is a 401', async (header) => {
    expect((await request(app).get('/me').set('Authorization', header)).status).toBe(401);
  });

  test('is needed where it is required', async () => {
    expect((await request(app).get('/me')).status).toBe(401);
  });

  test('is not needed where it is optional', async () => {
    expect((await request(app).get('/anyone')).body).toEqual({ kind: 'anonymous' });
  });

  test('must hold even where it is optional', async () => {
    expect((await request(app).get('/anyone').set('Authorization', 'Bearer a.b.c')).status).toBe(401);
  });

  test('is believed for as long after its end as two clocks may differ', async () => {
    expect((await as(await sign({}, privateKey, 'RS256', '-20s'))).status).toBe(200);
    expect((await as(await sign({}, privateKey, 'RS256', '-40s'))).status).toBe(401);
  });

  test('is refused once it has expired although its verdict was kept', async () => {
    let now = Date.now();
    const verify = createAccessTokenVerifier(keys, () => now);
    const token = await sign();
    await verify(token);
    now += 6 * 60_000;
    await expect(verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('that cannot be checked for want of keys is a 503', async () => {
    const verify = createAccessTokenVerifier({ find: () => Promise.reject(new TypeError('fetch failed')) });
    await expect(verify(await sign())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a service’s token', () => {
  test('says which service is asking', async () => {
    const token = await serviceTokens.issue();
    expect(await serviceTokens.verify(token)).toMatchObject({ kind: 'service', name: 'posts-service' });
    expect((await request(app).get('/anyone').set('Authorization', `Bearer ${token}`)).body).toEqual({
      kind: 'service',
    });
  });

  test('does not do where a person is asked for', async () => {
    expect((await as(await serviceTokens.issue())).status).toBe(403);
  });

  test('lives for a minute, and for as long as two clocks may differ', async () => {
    let now = Date.now();
    const tokens = createServiceTokens('posts-service', SECRET, () => now);
    const token = await tokens.issue();
    now += 89_000;
    await expect(tokens.verify(token)).resolves.toMatchObject({ kind: 'service' });
    now += 2_000;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(tokens.issue().then((fresh) => tokens.verify(fresh))).resolves.toMatchObject({
      kind: 'service',
    });
  });

  test('of another deployment is refused', async () => {
    const other = createServiceTokens('posts-service', 'the secret of another one');
    await expect(serviceTokens.verify(await other.issue())).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('remote keys', () => {
  test('are fetched from where they are at the moment', async () => {
    const server = await listen((_request, response) => response.end(JSON.stringify(jwks)), 0, '127.0.0.1');
    const places = ['http://127.0.0.1:1/', `http://127.0.0.1:${server.port}/`];
    const verify = createAccessTokenVerifier(
      createJwks({ fetchKeys: () => fetch(places.shift() ?? ''), now: Date.now }),
    );
    const token = await sign();
    await expect(verify(token)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(verify(token)).resolves.toMatchObject({ userId: 'u1' });
    await server.close();
  });

  test.each(['nonsense', '{}', '{"keys": 1}'])(
    'that come as %s are an outage, not the token’s fault',
    async (body) => {
      const server = await listen((_request, response) => response.end(body), 0, '127.0.0.1');
      const verify = createAccessTokenVerifier(
        createJwks({ fetchKeys: () => fetch(`http://127.0.0.1:${server.port}/`), now: Date.now }),
      );
      await expect(verify(await sign())).rejects.toMatchObject({ code: 'unavailable' });
      await server.close();
    },
  );
});

import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import { createServiceTokens } from '@plaza/service-kit';
import request from 'supertest';
import { startGateway, startUpstream, type Gateway, type TestUpstream } from './test-gateway.ts';
import { createSigner, serveJwks } from './jwt-signer.ts';

const signer = createSigner('k1');
const stranger = createSigner('k1');

let users: TestUpstream;
let gateway: Gateway;

beforeAll(async () => {
  users = await startUpstream(serveJwks(signer));
  gateway = await startGateway({ USERS_SERVICE_URL: users.url });
});

afterAll(async () => {
  await gateway.stop();
  await users.close();
});

const as = (token: string, path = '/api/users/1', through = gateway) =>
  request(through.url).get(path).set('Authorization', `Bearer ${token}`);

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signed with the public key as a secret, for a verifier that trusts the header's algorithm. */
function confused(): string {
  const [, body = ''] = signer.token().split('.');
  const head = encode({ alg: 'HS256', typ: 'JWT', kid: 'k1' });
  const secret = signer.publicKey.export({ type: 'spki', format: 'pem' });
  return `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`;
}

function unsigned(): string {
  const [, body = ''] = signer.token().split('.');
  return `${encode({ alg: 'none' })}.${body}.`;
}

function tampered(): string {
  const [head = '', , signature = ''] = signer.token().split('.');
  const [, body = ''] = stranger.token({ sub: 'admin' }).split('.');
  return `${head}.${body}.${signature}`;
}

/** Seconds since 1970, this many from now. */
const at = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
const past = () => at(-60);

describe('a request', () => {
  test('without a token passes as anonymous', async () => {
    expect((await request(gateway.url).get('/api/users/1')).status).toBe(200);
    expect(users.requests.at(-1)?.headers).not.toHaveProperty('x-user-id');
  });

  test('with a token that holds goes through with its user, and with the token', async () => {
    const token = signer.token();
    expect((await as(token)).status).toBe(200);
    expect(users.requests.at(-1)?.headers).toMatchObject({
      'x-user-id': 'u1',
      authorization: `Bearer ${token}`,
    });
  });

  test.each([
    ['that has expired', () => signer.token({ exp: past() })],
    ['that is not valid yet', () => signer.token({ nbf: at(600) })],
    ['without a signature', unsigned],
    ['signed with the public key as a secret', confused],
    ['whose claims were exchanged', tampered],
    ['signed by a stranger', () => stranger.token()],
    ['with an unknown key', () => signer.token({}, { kid: 'k9' })],
    [
      'with a key to fetch from elsewhere',
      () => stranger.token({}, { kid: 'k9', jku: 'http://127.0.0.1:1/' }),
    ],
    ['with a key of its own', () => stranger.token({}, { jwk: stranger.jwk })],
    ['with an unknown critical extension', () => signer.token({}, { crit: ['exp2'], exp2: 1 })],
    ['of another issuer', () => signer.token({ iss: 'elsewhere' })],
    ['for another audience', () => signer.token({ aud: 'elsewhere' })],
    ['without a subject', () => signer.token({ sub: '' })],
    ['without an end', () => signer.token({ exp: undefined })],
    ['that is no token', () => 'nonsense'],
    ['of many parts', () => 'a.b.c.d.e'],
    ['that is endless', () => 'a'.repeat(5_000)],
  ])('with a token %s is a 401 with a reason and reaches no service', async (_name, make) => {
    const before = users.requests.length;
    const response = await as(make());
    expect([response.status, response.body.code]).toEqual([401, 'unauthorized']);
    expect(response.body.message).toMatch(/token/);
    expect(response.get('WWW-Authenticate')).toBe('Bearer');
    const reached = users.requests.slice(before).filter(({ url }) => url !== '/.well-known/jwks.json');
    expect(reached).toEqual([]);
  });

  test.each([
    ['ended 20 s ago', { exp: at(-20) }, 200],
    ['ended 40 s ago', { exp: at(-40) }, 401],
    ['begins in 20 s', { nbf: at(20) }, 200],
    ['begins in 40 s', { nbf: at(40) }, 401],
    ['is for several audiences, ours among them', { aud: ['elsewhere', 'plaza'] }, 200],
    ['is for several audiences, none of them ours', { aud: ['elsewhere', 'plazas'] }, 401],
    ['has no audience', { aud: undefined }, 401],
    ['has no issuer', { iss: undefined }, 401],
  ])('with a token that %s, where clocks may differ by 30 s', async (_name, claims, status) => {
    expect((await as(signer.token(claims))).status).toBe(status);
  });

  test('with a token that is known already is a 401 as soon as that has expired', async () => {
    const token = signer.token({ exp: at(-28) });
    expect((await as(token)).status).toBe(200);
    await eventually(async () => expect((await as(token)).status).toBe(401));
  });

  test('with a service’s token is a 401: those are for inside', async () => {
    const tokens = createServiceTokens('posts-service', 'plaza-development-secret');
    expect((await as(await tokens.issue())).status).toBe(401);
  });

  test.each(['Basic YTpi', 'Bearer', 'token'])('with “%s” is a 401', async (header) => {
    const response = await request(gateway.url).get('/api/users/1').set('Authorization', header);
    expect(response.status).toBe(401);
  });

  test('with a token by EdDSA goes through, where the issuer has such a key', async () => {
    const ed = generateKeyPairSync('ed25519');
    const jwk = { ...ed.publicKey.export({ format: 'jwk' }), kid: 'e1', use: 'sig' };
    const own = await startUpstream(serveJwks(signer, { jwk }));
    const both = await startGateway({ USERS_SERVICE_URL: own.url });
    const [, body = ''] = signer.token().split('.');
    const signed = `${encode({ alg: 'EdDSA', kid: 'e1' })}.${body}`;
    const signature = sign(null, Buffer.from(signed), ed.privateKey).toString('base64url');
    expect((await as(`${signed}.${signature}`, '/api/users/1', both)).status).toBe(200);
    expect((await as(`${signed}.${signature}`)).status).toBe(401);
    await both.stop();
    await own.close();
  });

  test('whose token has expired can still be refreshed', async () => {
    const response = await as(signer.token({ exp: past() }), '/api/auth/refresh');
    expect([response.status, response.text]).toEqual([200, '/auth/refresh']);
    expect(users.requests.at(-1)?.headers).not.toHaveProperty('x-user-id');
  });
});

describe('keys', () => {
  test('are fetched once for many requests', async () => {
    const own = await startUpstream(serveJwks(signer));
    const fresh = await startGateway({ USERS_SERVICE_URL: own.url });
    const tokens = Array.from({ length: 20 }, (_, index) => signer.token({ sub: `u${index}` }));
    const answers = await Promise.all(tokens.map((token) => as(token, '/api/users/1', fresh)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
    expect(own.requests.filter(({ url }) => url === '/.well-known/jwks.json')).toHaveLength(1);
    await fresh.stop();
    await own.close();
  });

  test('may be somewhere else', async () => {
    const elsewhere = await startUpstream(serveJwks(stranger));
    const other = await startGateway({
      USERS_SERVICE_URL: users.url,
      JWKS_URL: `${elsewhere.url}/.well-known/jwks.json`,
    });
    expect((await as(stranger.token(), '/api/users/1', other)).status).toBe(200);
    await other.stop();
    await elsewhere.close();
  });

  test('that cannot be fetched are a 503 with a message, and requests without a token still pass', async () => {
    const other = await startGateway({ USERS_SERVICE_URL: users.url, JWKS_URL: 'http://127.0.0.1:1/jwks' });
    const response = await as(signer.token(), '/api/users/1', other);
    expect([response.status, response.body.code]).toEqual([503, 'unavailable']);
    expect(response.body.message).toMatch(/keys cannot be fetched/);
    expect(response.get('Retry-After')).toBeDefined();
    expect((await request(other.url).get('/api/users/1')).status).toBe(200);
    await other.stop();
  });

  test('are there again as soon as the users service is', async () => {
    const first = await startUpstream(serveJwks(signer));
    await first.close();
    const late = await startGateway({ USERS_SERVICE_URL: first.url });
    expect((await as(signer.token(), '/api/users/1', late)).status).toBe(503);
    const second = await startUpstream(serveJwks(signer), first.port);
    expect((await as(signer.token(), '/api/users/1', late)).status).toBe(200);
    await late.stop();
    await second.close();
  });
});

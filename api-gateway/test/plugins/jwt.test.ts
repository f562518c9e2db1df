import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Gateway, TestUpstream } from '../test-gateway.ts';
import { configMistakes, createPluginHarness, type PluginEntry } from './plugin-harness.ts';

const harness = createPluginHarness();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1_000);

function token(
  claims: object,
  {
    key = rsa.privateKey,
    alg = 'RS256',
    ...header
  }: { key?: KeyObject; alg?: string; [name: string]: unknown } = {},
) {
  const body = `${encode({ alg, typ: 'JWT', ...header })}.${encode(claims)}`;
  const signature = sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(body), key);
  return `${body}.${signature.toString('base64url')}`;
}

const consumers = [
  {
    username: 'ada',
    jwt_secrets: [{ key: 'ada-rsa', algorithm: 'RS256', rsa_public_key: pem(rsa.publicKey) }],
  },
  {
    username: 'bob',
    jwt_secrets: [{ key: 'bob-ed', algorithm: 'EdDSA', rsa_public_key: pem(ed.publicKey) }],
  },
  { username: 'guest' },
];

let upstream: TestUpstream;
beforeAll(async () => {
  upstream = await harness.upstream();
});
const gatewayWith = (config: object, ...others: PluginEntry[]) =>
  harness.gateway(upstream, [{ name: 'jwt', config }, ...others], { consumers });
const get = ({ url }: Gateway, jwt?: string, path = '/api') => {
  const call = request(url).get(path);
  return jwt === undefined ? call : call.set('Authorization', `Bearer ${jwt}`);
};

describe('a consumer’s token', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await gatewayWith({});
  });

  test('signed by RS256 or EdDSA identifies the consumer', async () => {
    const ada = await get(gateway, token({ iss: 'ada-rsa' }));
    expect(ada.body.headers).toMatchObject({
      'x-consumer-username': 'ada',
      'x-credential-identifier': 'jwt:ada-rsa',
    });
    const bob = await get(gateway, token({ iss: 'bob-ed' }, { key: ed.privateKey, alg: 'EdDSA' }));
    expect(bob.body.headers).toMatchObject({ 'x-consumer-username': 'bob' });
  });

  test.each([
    ['that is missing', () => undefined],
    ['of an unknown key', () => token({ iss: 'nobody' })],
    ['without the claim that names its key', () => token({ sub: 'ada-rsa' })],
    ['that another key signed', () => token({ iss: 'bob-ed' })],
    [
      'that claims another algorithm than its key’s',
      () => token({ iss: 'ada-rsa' }, { key: ed.privateKey, alg: 'EdDSA' }),
    ],
    ['without a signature', () => `${encode({ alg: 'none' })}.${encode({ iss: 'ada-rsa' })}.`],
    [
      'with a critical extension that is not supported',
      () => token({ iss: 'ada-rsa' }, { crit: ['x'], x: 1 }),
    ],
  ])('%s is a 401 and reaches no service', async (_name, make) => {
    const before = upstream.requests.length;
    const { status, headers } = await get(gateway, make());
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(upstream.requests).toHaveLength(before);
  });

  test('is looked for in the query as well, and only one may come', async () => {
    const one = token({ iss: 'ada-rsa' });
    expect((await get(gateway, undefined, `/api?jwt=${one}`)).status).toBe(200);
    expect((await get(gateway, one, `/api?jwt=${one}`)).status).toBe(200);
    expect((await get(gateway, one, `/api?jwt=${token({ iss: 'ada-rsa', x: 1 })}`)).status).toBe(401);
  });
});

test('a token can come in a cookie or a header of one’s own', async () => {
  const { url } = await gatewayWith({ cookie_names: ['session'], header_names: ['X-Token'] });
  const jwt = token({ iss: 'ada-rsa' });
  expect((await request(url).get('/api').set('Cookie', `a=1; session=${jwt}`)).status).toBe(200);
  expect((await request(url).get('/api').set('X-Token', `Bearer ${jwt}`)).status).toBe(200);
  expect((await request(url).get('/api').set('Authorization', `Bearer ${jwt}`)).status).toBe(401);
});

test('claims are verified as far as it is asked for', async () => {
  const gateway = await gatewayWith({ claims_to_verify: ['exp', 'nbf'], maximum_expiration: 600 });
  const status = async (claims: object) => (await get(gateway, token({ iss: 'ada-rsa', ...claims }))).status;
  expect(await status({ exp: seconds() + 60 })).toBe(200);
  expect(await status({ exp: seconds() - 10 })).toBe(200);
  expect(await status({ exp: seconds() - 60 })).toBe(401);
  expect(await status({})).toBe(401);
  expect(await status({ exp: seconds() + 60, nbf: seconds() + 60 })).toBe(401);
  expect(await status({ exp: seconds() + 6_000 })).toBe(401);
});

test('another claim, or the header, may name the key', async () => {
  const gateway = await gatewayWith({ key_claim_name: 'kid' });
  expect((await get(gateway, token({}, { kid: 'ada-rsa' }))).body.headers['x-consumer-username']).toBe('ada');
});

test('requests without a valid token use the anonymous consumer if there is one', async () => {
  const gateway = await gatewayWith({ anonymous: 'guest' });
  for (const jwt of [undefined, 'nonsense', token({ iss: 'nobody' })]) {
    const { status, body } = await get(gateway, jwt);
    expect([status, body.headers['x-consumer-username'], body.headers['x-anonymous-consumer']]).toEqual([
      200,
      'guest',
      'true',
    ]);
  }
});

test('the next plugin may authenticate a request that the first one left anonymous, and replaces its identity', async () => {
  const withKey = [
    { ...consumers[0], keyauth_credentials: [{ key: 'key-of-ada' }] },
    { username: 'guest', custom_id: 'g-1' },
  ];
  const entries = ['jwt', 'key-auth'].map((name) => ({ name, config: { anonymous: 'guest' } }));
  const { url } = await harness.gateway(upstream, entries, { consumers: withKey });
  const { body } = await request(url).get('/api').set('apikey', 'key-of-ada');
  expect(body.headers['x-consumer-username']).toBe('ada');
  expect(body.headers).not.toHaveProperty('x-anonymous-consumer');
  expect(body.headers).not.toHaveProperty('x-consumer-custom-id');
  const byToken = await request(url)
    .get('/api')
    .set('Authorization', `Bearer ${token({ iss: 'ada-rsa' })}`);
  expect(byToken.body.headers['x-credential-identifier']).toBe('jwt:ada-rsa');
});

test('OPTIONS may be let through', async () => {
  const strict = await gatewayWith({});
  expect((await request(strict.url).options('/api')).status).toBe(401);
  const lenient = await gatewayWith({ run_on_preflight: false });
  expect((await request(lenient.url).options('/api')).status).toBe(200);
});

test('requests with invalid tokens are counted by rate limiting', async () => {
  const gateway = await gatewayWith({}, { name: 'rate-limiting', config: { minute: 2 } });
  const statuses: number[] = [];
  for (let times = 0; times < 3; times += 1)
    statuses.push((await get(gateway, token({ iss: 'nobody' }))).status);
  expect(statuses).toEqual([401, 401, 429]);
});

describe('an issuer’s keys', () => {
  const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });
  const issuer = (url: string) => ({ issuer: 'idp', audience: 'shop', jwks_uri: `${url}/jwks` });
  const claims = () => ({ iss: 'idp', aud: ['shop', 'else'], sub: 'auth0|7', exp: seconds() + 60 });

  async function publisher(keys: object[]) {
    const idp = await harness.upstream((_request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ keys }));
    });
    return { idp, gateway: await gatewayWith({ issuers: [issuer(idp.url)] }) };
  }

  test('of both algorithms are believed, and its users are told', async () => {
    const { gateway } = await publisher([jwk(rsa.publicKey, 'r1'), jwk(ed.publicKey, 'e1')]);
    const byRsa = await get(gateway, token(claims(), { kid: 'r1' }));
    expect([byRsa.status, byRsa.body.headers['x-user-id']]).toEqual([200, 'auth0|7']);
    const byEd = await get(gateway, token(claims(), { kid: 'e1', key: ed.privateKey, alg: 'EdDSA' }));
    expect(byEd.status).toBe(200);
    expect((await get(gateway, token(claims(), { kid: 'e1' }))).status).toBe(401);
  });

  test('that come later are found by the first token that needs them, once', async () => {
    const keys = [jwk(ed.publicKey, 'e1')];
    const { idp, gateway } = await publisher(keys);
    expect(
      (await get(gateway, token(claims(), { kid: 'e1', key: ed.privateKey, alg: 'EdDSA' }))).status,
    ).toBe(200);
    const guesses = Array.from({ length: 5 }, (_, index) =>
      get(gateway, token(claims(), { kid: `made-up-${index}` })),
    );
    expect((await Promise.all(guesses)).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(idp.requests).toHaveLength(1);
  });

  test('stay valid while their issuer is unreachable', async () => {
    const { idp, gateway } = await publisher([jwk(rsa.publicKey, 'r1')]);
    expect((await get(gateway, token(claims(), { kid: 'r1' }))).status).toBe(200);
    await idp.close();
    expect((await get(gateway, token({ ...claims(), jti: 'another' }, { kid: 'r1' }))).status).toBe(200);
  });

  test('that are too short, or for something else, are not believed', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const { gateway } = await publisher([
      jwk(short.publicKey, 's1'),
      { ...jwk(rsa.publicKey, 'r1'), use: 'enc' },
      { ...jwk(rsa.publicKey, 'r2'), alg: 'RS512' },
    ]);
    expect((await get(gateway, token(claims(), { kid: 's1', key: short.privateKey }))).status).toBe(401);
    for (const kid of ['r1', 'r2']) expect((await get(gateway, token(claims(), { kid }))).status).toBe(401);
  });
});

test.each([
  [
    { secret_is_base64: true },
    'secret_is_base64: must be false: RS256 and EdDSA use public keys and no shared secret',
  ],
  [{ maximum_expiration: 60 }, 'claims_to_verify: must have exp if maximum_expiration is set'],
  [{ claims_to_verify: ['aud'] }, 'claims_to_verify[0]: must be exp or nbf'],
  [
    { issuers: [{ issuer: 'a', audience: 'b', jwks_uri: 'file:///etc/passwd' }] },
    'issuers[0].jwks_uri: must be a URL of http or https',
  ],
])('jwt with %j is refused in words', (config, mistake) => {
  expect(configMistakes('jwt', config)).toEqual([`plugins[0].config.${mistake}`]);
});

test.each([
  [{ key: 'a', algorithm: 'HS256', secret: 's'.repeat(32) }],
  [{ key: 'a', algorithm: 'none' }],
  [{ key: 'a', algorithm: 'RS256', rsa_public_key: 'nonsense' }],
])('a consumer’s secret %j is refused', (secret) => {
  const mistakes = configMistakes('jwt', {}, { consumers: [{ username: 'x', jwt_secrets: [secret] }] });
  expect(mistakes).toEqual([expect.stringMatching(/^consumers\[0\]\.jwt_secrets\[0\]/)]);
});

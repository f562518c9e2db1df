import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, createRemoteJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose';
import { testMongo } from '@plaza/local-stack/testing';
import { createMongoKeyLoader } from '../src/crypto/signing-keys.mongo.ts';
import { signingKeyModel } from '../src/data/signing-key.model.ts';
import { createSigningKeyRepository } from '../src/data/signing-key.repository.ts';
import {
  fakeClock,
  login,
  createSignedInUser,
  openDatabase,
  startUsers,
  type StartUsersOptions,
} from './fixture.ts';

const running: Awaited<ReturnType<typeof startUsers>>[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((users) => users.stop()));
});

async function start(
  environment: Record<string, string> = {},
  dependencies: StartUsersOptions['dependencies'] = {},
) {
  const users = await startUsers({ environment, dependencies });
  running.push(users);
  return users;
}

async function ready(
  environment: Record<string, string> = {},
  dependencies: StartUsersOptions['dependencies'] = {},
) {
  const users = await start(environment, dependencies);
  await users.started;
  return users;
}

type Users = Awaited<ReturnType<typeof start>>;

async function keysOf({ http }: Users): Promise<JWK[]> {
  const { body } = await http.get('/.well-known/jwks.json').expect(200);
  return body.keys;
}

const kidsOf = async (users: Users) => (await keysOf(users)).map(({ kid }) => kid);
const kidOf = (token: string) => decodeProtectedHeader(token).kid;

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

describe('/.well-known/jwks.json', () => {
  test('is all that is needed to check a token', async () => {
    const users = await ready();
    const ada = await createSignedInUser(users.http);
    const keys = createRemoteJWKSet(new URL(`${users.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(ada.accessToken, keys, { issuer: 'plaza', audience: 'plaza' });
    expect(payload.sub).toBe(ada.id);
  });

  test('holds public RSA keys of 2048 bits, named by their RFC 7638 thumbprint', async () => {
    const [key, ...others] = await keysOf(await ready());
    expect(others).toEqual([]);
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' });
    expect(Buffer.from(key?.n ?? '', 'base64url')).toHaveLength(256);
    expect(key?.kid).toBe(await calculateJwkThumbprint(key ?? {}));
  });
});

describe('a key of the database', () => {
  test('outlives a restart', async () => {
    const first = await ready();
    const ada = await createSignedInUser(first.http);
    await first.stop();
    const second = await ready(first.servers);
    await second.http.get('/profile').set(ada.headers).expect(200);
  });

  test('is one and the same for replicas that start at once', async () => {
    const first = await start();
    const others = await Promise.all([1, 2].map(() => start(first.servers)));
    const replicas = [first, ...others];
    await Promise.all(replicas.map(({ started }) => started));
    const kids = await Promise.all(replicas.map(kidsOf));
    expect(kids[0]).toHaveLength(1);
    expect(new Set(kids.flat()).size).toBe(1);
  });

  test('is made once by however many ask for it at once', async () => {
    const database = await openDatabase((await testMongo()).uri);
    const repository = createSigningKeyRepository(signingKeyModel(database.connection), () => new Date());
    const fetchKeys = createMongoKeyLoader(repository, 1);
    const fetched = await Promise.all([fetchKeys(), fetchKeys(), fetchKeys()]);
    await database.close();
    expect(new Set(fetched.map(({ signing }) => signing.kid)).size).toBe(1);
  });

  describe('gives way to the next generation,', () => {
    async function rollOver() {
      const clock = fakeClock();
      const old = await ready({}, { now: clock.now });
      const ada = await createSignedInUser(old.http);
      const next = await ready({ ...old.servers, JWT_KEY_GENERATION: '2' }, { now: clock.now });
      const bob = await createSignedInUser(next.http);
      expect(kidOf(bob.accessToken)).not.toBe(kidOf(ada.accessToken));
      clock.advance(10_000);
      return { old, next, ada, bob };
    }

    test('and all replicas take the tokens of both', async () => {
      const { old, next, ada, bob } = await rollOver();
      for (const { http } of [old, next]) {
        await http.get('/profile').set(ada.headers).expect(200);
        await http.get('/profile').set(bob.headers).expect(200);
      }
    });

    test('and all replicas publish both', async () => {
      const { old, next, ada, bob } = await rollOver();
      const both = new Set([kidOf(ada.accessToken), kidOf(bob.accessToken)]);
      for (const replica of [old, next]) expect(new Set(await kidsOf(replica))).toEqual(both);
    });
  });

  test('is gone two generations later', async () => {
    const old = await ready();
    const ada = await createSignedInUser(old.http);
    const next = await ready({ ...old.servers, JWT_KEY_GENERATION: '3' });
    expect(await kidsOf(next)).not.toContain(kidOf(ada.accessToken));
    await next.http.get('/profile').set(ada.headers).expect(401);
    const { body } = await next.http
      .post('/auth/refresh')
      .send({ refreshToken: ada.refreshToken })
      .expect(200);
    await next.http
      .get('/profile')
      .set({ Authorization: `Bearer ${body.accessToken}` })
      .expect(200);
  });
});

describe('JWT_PRIVATE_KEY', () => {
  test('signs, on one line as well', async () => {
    const { pem } = newKey();
    const users = await ready({ JWT_PRIVATE_KEY: pem });
    const replica = await ready({
      ...users.servers,
      JWT_PRIVATE_KEY: pem.replaceAll('\n', String.raw`\n`),
    });
    const ada = await createSignedInUser(users.http);
    expect(await kidsOf(users)).toEqual([kidOf(ada.accessToken)]);
    await replica.http.get('/profile').set(ada.headers).expect(200);
  });

  test('is rolled with the help of JWT_VERIFICATION_KEYS', async () => {
    const [old, next] = [newKey(), newKey()];
    const before = await ready({ JWT_PRIVATE_KEY: old.pem, JWT_VERIFICATION_KEYS: next.publicPem });
    const after = await ready({
      ...before.servers,
      JWT_PRIVATE_KEY: next.pem,
      JWT_VERIFICATION_KEYS: old.publicPem,
    });
    const ada = await createSignedInUser(before.http);
    const again = await login(after.http, ada.username);
    expect(kidOf(again.accessToken)).not.toBe(kidOf(ada.accessToken));
    for (const { http } of [before, after]) {
      await http.get('/profile').set(ada.headers).expect(200);
      await http.get('/profile').set(again.headers).expect(200);
    }
  });
});

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  createTokenCache,
  parseScopes,
  parseToken,
  parseTokenHeader,
  toVerificationKey,
  verifyToken,
  type VerificationKeys,
} from '@plaza/access-tokens';

const NOW = 1_800_000_000;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKeys: Readonly<Record<string, KeyObject>> = { rsa: rsa.publicKey, ed25519: ed25519.publicKey };

const keys: VerificationKeys = {
  find: (kid = '', algorithm) => {
    const key = publicKeys[kid];
    return key && toVerificationKey(key, algorithm);
  },
};
const expected = {
  issuer: 'plaza',
  audience: 'plaza',
  algorithms: ['RS256', 'EdDSA'],
  keys,
  now: () => NOW * 1_000,
} as const;

const CLAIMS = { iss: 'plaza', aud: 'plaza', sub: 'u1', exp: NOW + 300 };
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

function issue(claims: object = {}, header: object = {}, key: KeyObject = rsa.privateKey): string {
  const signed = `${encode({ alg: 'RS256', kid: 'rsa', ...header })}.${encode({ ...CLAIMS, ...claims })}`;
  const hash = key.asymmetricKeyType === 'rsa' ? 'sha256' : null;
  return `${signed}.${sign(hash, Buffer.from(signed), key).toString('base64url')}`;
}

const verify = async (text: string) => verifyToken(parseToken(text), expected);

describe('a valid token', () => {
  test.each([
    ['RS256', issue()],
    ['EdDSA', issue({}, { alg: 'EdDSA', kid: 'ed25519' }, ed25519.privateKey)],
    ['for several audiences', issue({ aud: ['elsewhere', 'plaza'] })],
    ['that expired 29 s ago: clocks may differ by 30 s', issue({ exp: NOW - 29 })],
    ['that becomes valid in 30 s', issue({ nbf: NOW + 30 })],
  ])('%s returns its claims', async (_name, text) => {
    expect(await verify(text)).toMatchObject({ sub: 'u1', iss: 'plaza' });
  });
});

describe('an invalid token', () => {
  test.each([
    ['of another issuer', issue({ iss: 'elsewhere' })],
    ['for another audience', issue({ aud: 'elsewhere' })],
    ['without an audience', issue({ aud: undefined })],
    ['without a subject', issue({ sub: '' })],
    ['without an expiry', issue({ exp: undefined })],
    ['that expired 30 s ago', issue({ exp: NOW - 30 })],
    ['that becomes valid in 31 s', issue({ nbf: NOW + 31 })],
    ['signed with another key', issue({}, {}, other.privateKey)],
    ['with an unknown key id', issue({}, { kid: 'unknown' })],
    ['of an algorithm that is not expected', issue({}, { alg: 'PS256' })],
    ['without a signature', `${encode({ alg: 'none' })}.${encode(CLAIMS)}.`],
    ['whose header names the algorithm of another key', issue({}, { alg: 'EdDSA' })],
    ['with a critical extension', issue({}, { crit: ['b64'], b64: false })],
    ['that is too long', `${issue()}${'a'.repeat(4_096)}`],
    ['that is malformed', 'a.b.c'],
  ])('%s is unauthorized', async (_name, text) => {
    await expect(verify(text)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('whose claims were changed is unauthorized', async () => {
    const [header, , signature] = issue().split('.');
    const text = [header, encode({ ...CLAIMS, sub: 'admin' }), signature].join('.');
    await expect(verify(text)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

test('a token is unavailable, not unauthorized, if the keys cannot be fetched', async () => {
  const unreachable = { find: () => Promise.reject(new TypeError('fetch failed')) };
  await expect(verifyToken(parseToken(issue()), { ...expected, keys: unreachable })).rejects.toMatchObject({
    code: 'unavailable',
  });
});

test('keys of less than 2048 bits are not supported', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  expect(toVerificationKey(publicKey, 'RS256')).toBeUndefined();
});

test('the header is parsed alone, to choose a verifier', () => {
  expect(parseTokenHeader(issue())).toMatchObject({ alg: 'RS256', kid: 'rsa' });
});

test('tokens with the same scope text share one set', () => {
  expect([...parseScopes('user admin')]).toEqual(['user', 'admin']);
  expect(parseScopes('user admin')).toBe(parseScopes('user admin'));
});

describe('the cache of verified tokens', () => {
  test('returns a token until it expires', () => {
    let now = 0;
    const cache = createTokenCache<{ expiresAt: number }>(() => now);
    const key = cache.keyOf('a token');
    expect(cache.get(key)).toBeUndefined();
    cache.set(key, { expiresAt: 1_000 });
    now = 999;
    expect(cache.get(key)).toEqual({ expiresAt: 1_000 });
    now = 1_000;
    expect(cache.get(key)).toBeUndefined();
  });

  test('is bounded', () => {
    const cache = createTokenCache<{ expiresAt: number }>(() => 0);
    for (let index = 0; index < 30_000; index += 1) cache.set(String(index), { expiresAt: 1 });
    expect([cache.get('0'), cache.get('29999')]).toEqual([undefined, { expiresAt: 1 }]);
  });
});

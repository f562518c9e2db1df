import { generateKeyPairSync } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createJwks, type VerificationKeys } from '@plaza/access-tokens';

const jwk = (kid: string, fields: object = { use: 'sig' }) => {
  const { publicKey } = generateKeyPairSync('ed25519');
  return { ...publicKey.export({ format: 'jwk' }), kid, ...fields };
};
const known = { old: jwk('old'), new: jwk('new') };

/** The key set that the issuer answers with, and its status. */
let published: object[];
let status: number;
/** While this is a list, answers wait in it. */
let held: (() => void)[] | undefined;
let fetches: number;
let concurrent: number;
let maxConcurrent: number;
let now: number;
let keys: VerificationKeys;

async function fetchKeys(): Promise<Response> {
  fetches += 1;
  concurrent += 1;
  maxConcurrent = Math.max(maxConcurrent, concurrent);
  if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve));
  concurrent -= 1;
  return Response.json({ keys: published }, { status });
}

beforeEach(() => {
  [published, status, held] = [[known.old], 200, undefined];
  [fetches, concurrent, maxConcurrent, now] = [0, 0, 0, 1_000_000];
  keys = createJwks({ fetchKeys, now: () => now });
});

const find = async (kid: string | undefined) => (await keys.find(kid, 'EdDSA')) !== undefined;

/** Waits until a refresh in the background has ended. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

describe('a new key of an issuer', () => {
  test('is found by the first token that names it, and the old key stays valid', async () => {
    expect(await find('old')).toBe(true);
    published = [known.new, known.old];
    now += 31_000;
    expect([await find('new'), await find('old')]).toEqual([true, true]);
    expect(fetches).toBe(2);
  });

  test('replaces the old key after ten minutes and one request', async () => {
    expect(await find('old')).toBe(true);
    published = [known.new];
    now += 601_000;
    // The request that starts the refresh does not wait for it.
    expect(await find('old')).toBe(true);
    await settle();
    expect([await find('old'), await find('new')]).toEqual([false, true]);
    expect(fetches).toBe(2);
  });
});

describe('unknown key ids', () => {
  test('cause one fetch in 30 s, however many there are', async () => {
    expect(await find('old')).toBe(true);
    for (let second = 0; second < 85; second += 1) {
      now += 1_000;
      expect(await find(`made-up-${second}`)).toBe(false);
    }
    expect(fetches).toBe(1 + 2);
  });

  test('cause one fetch at a time, and known keys are found without waiting', async () => {
    expect(await find('old')).toBe(true);
    now += 31_000;
    held = [];
    const guesses = Array.from({ length: 100 }, (_none, index) => find(`made-up-${index}`));
    expect(keys.find('old', 'EdDSA')).not.toBeInstanceOf(Promise);
    await settle();
    for (const answer of held) answer();
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([false]));
    expect([fetches, maxConcurrent]).toEqual([2, 1]);
  });
});

test('keys stay valid while their issuer fails', async () => {
  expect(await find('old')).toBe(true);
  status = 500;
  now += 601_000;
  expect([await find('old'), await find('old')]).toEqual([true, true]);
});

test.each([
  ['an error', () => Response.json({ keys: [known.old] }, { status: 500 })],
  ['no JSON', () => new Response('nonsense')],
  ['no key set', () => Response.json({ keys: 1 })],
  [
    'a key set of more than 256 KiB',
    () => Response.json({ keys: [{ ...known.old, pad: 'x'.repeat(262_144) }] }),
  ],
])('without keys, %s as the answer is a failure', async (_name, answer) => {
  const never = createJwks({ fetchKeys: async () => answer(), now: Date.now });
  await expect(never.find('old', 'EdDSA')).rejects.toThrow();
});

describe('a token without a key id', () => {
  test('uses the only key of its algorithm', async () => {
    expect(await find(undefined)).toBe(true);
  });

  test('finds none of several', async () => {
    published = [known.old, known.new];
    expect(await find(undefined)).toBe(false);
  });
});

test.each([
  ['encryption', { use: 'enc' }],
  ['signing only', { key_ops: ['sign'] }],
  ['another algorithm', { alg: 'RS256' }],
])('a key for %s is ignored', async (_name, fields) => {
  published = [jwk('other', fields), jwk('verify', { key_ops: ['verify'] })];
  expect([await find('other'), await find('verify')]).toEqual([false, true]);
});

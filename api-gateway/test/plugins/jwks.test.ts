import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@plaza/local-stack/testing';
import { fakeClock } from '@plaza/service-kit/testing';
import { createJwks, type Jwks } from '../../src/plugins/jwt/jwks.ts';
import { startUpstream, type TestUpstream } from '../test-gateway.ts';

const jwk = (kid: string) => {
  const { publicKey } = generateKeyPairSync('ed25519');
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' };
};
const known = { old: jwk('old'), young: jwk('young') };

/** What the issuer publishes at the moment. */
let published: object[];
let status: number;
/** Fetches that wait for an answer while they are held, and the most that have waited at once. */
let held: (() => void)[] | undefined;
let atOnce: number;
let issuer: TestUpstream;
let clock: ReturnType<typeof fakeClock>;
let keys: Jwks;

beforeEach(async () => {
  [published, status, held, atOnce] = [[known.old], 200, undefined, 0];
  let waiting = 0;
  issuer = await startUpstream((_request, response) => {
    waiting += 1;
    atOnce = Math.max(atOnce, waiting);
    const answer = () => {
      waiting -= 1;
      response.writeHead(status).end(JSON.stringify({ keys: published }));
    };
    if (held === undefined) answer();
    else held.push(answer);
  });
  clock = fakeClock();
  keys = createJwks({ locate: () => issuer.url, now: () => clock.now().getTime() });
});

afterEach(() => issuer.close());

const find = async (kid: string) => (await keys.find(kid, 'EdDSA')) !== undefined;
const fetches = () => issuer.requests.length;

describe('a key that an issuer has changed to', () => {
  test('is found by the first token that names it, and the old one holds on', async () => {
    expect(await find('old')).toBe(true);
    published = [known.young, known.old];
    clock.advance(31_000);
    expect([await find('young'), await find('old')]).toEqual([true, true]);
    expect(fetches()).toBe(2);
  });

  test('takes the old one’s place within ten minutes and a request', async () => {
    expect(await find('old')).toBe(true);
    published = [known.young];
    clock.advance(601_000);
    // The first to notice is not kept waiting.
    expect(await find('old')).toBe(true);
    await eventually(async () => expect(await find('old')).toBe(false));
    expect(await find('young')).toBe(true);
    expect(fetches()).toBe(2);
  });
});

describe('ids that somebody made up', () => {
  test('cause one fetch in half a minute, however many they are', async () => {
    expect(await find('old')).toBe(true);
    for (let second = 0; second < 85; second += 1) {
      clock.advance(1_000);
      expect(await find(`made-up-${second}`)).toBe(false);
    }
    expect(fetches()).toBe(1 + 2);
  });

  test('cause one fetch at a time, and never keep a known one waiting', async () => {
    expect(await find('old')).toBe(true);
    clock.advance(31_000);
    held = [];
    const guesses = Array.from({ length: 100 }, (_none, index) => find(`made-up-${index}`));
    expect(keys.find('old', 'EdDSA')).not.toBeInstanceOf(Promise);
    while (held.length === 0) await new Promise(setImmediate);
    for (const answer of held) answer();
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([false]));
    expect([fetches(), atOnce]).toEqual([2, 1]);
  });
});

test('keys outlast an outage of their issuer, and one that never was there says so', async () => {
  expect(await find('old')).toBe(true);
  status = 500;
  clock.advance(601_000);
  expect([await find('old'), await find('old')]).toEqual([true, true]);
  const never = createJwks({ locate: () => issuer.url, now: Date.now });
  await expect(never.find('old', 'EdDSA')).rejects.toMatchObject({ code: 'unavailable' });
});

import { Unavailable } from '@plaza/errors';
import { z } from 'zod';
import { keyOfJwk, type VerificationKey } from './signature.ts';

/** An issuer's public keys, by the ids that its tokens name. */
export interface KeySet {
  /**
   * The key of a token; without an id, the only one of its algorithm. At once where it is known.
   * @throws {Unavailable} where it is not and the keys cannot be fetched.
   */
  find(
    kid: string | undefined,
    algorithm: string,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined>;
}

export interface KeySetOptions {
  /** Where the keys are at the moment. What it throws is an outage. */
  readonly locate: () => string;
  readonly now: () => number;
}

const jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(100),
});

const TIMEOUT_MS = 3_000;
const LONGEST_ANSWER = 256 * 1_024;
/** Between two fetches that unknown ids cause: anybody can make those up. */
const COOLDOWN_MS = 30_000;
/** After that long the keys are fetched anew, so that one that was taken back is forgotten. */
const FRESH_MS = 600_000;

interface Keys {
  readonly list: readonly { readonly kid: string | undefined; readonly key: VerificationKey }[];
  readonly fetchedAt: number;
}

/** Keys fetched when they are asked for, one fetch at a time, and kept through an outage of who publishes them. */
export function createKeySet({ locate, now }: KeySetOptions): KeySet {
  let keys: Keys | undefined;
  let triedAt = -Infinity;
  let fetching: Promise<Keys> | undefined;

  function refresh(): Promise<Keys> {
    triedAt = now();
    fetching ??= fetchKeys(locate, now)
      .then((fetched) => (keys = fetched))
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  async function findAnew(kid: string | undefined, algorithm: string): Promise<VerificationKey | undefined> {
    try {
      return keyIn(await refresh(), kid, algorithm);
    } catch (cause) {
      throw new Unavailable('Tokens cannot be checked: their keys cannot be fetched.', {
        retryAfter: 5,
        cause,
      });
    }
  }

  return {
    find: (kid, algorithm) => {
      if (keys === undefined || fetching !== undefined)
        return keyIn(keys, kid, algorithm) ?? findAnew(kid, algorithm);
      // The old ones do until the new ones are there.
      if (now() - Math.max(keys.fetchedAt, triedAt) > FRESH_MS) refresh().catch(() => undefined);
      const found = keyIn(keys, kid, algorithm);
      return found === undefined && now() - triedAt > COOLDOWN_MS ? findAnew(kid, algorithm) : found;
    },
  };
}

function keyIn(
  keys: Keys | undefined,
  kid: string | undefined,
  algorithm: string,
): VerificationKey | undefined {
  const fitting = keys?.list.filter(({ key }) => key.algorithm === algorithm) ?? [];
  if (kid !== undefined) return fitting.find((known) => known.kid === kid)?.key;
  return fitting.length === 1 ? fitting[0]?.key : undefined;
}

async function fetchKeys(locate: () => string, now: () => number): Promise<Keys> {
  const response = await fetch(locate(), { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if (!response.ok || text.length > LONGEST_ANSWER)
    throw new Error(`the keys' address answers ${response.status}`);
  const list = jwks.parse(JSON.parse(text)).keys.flatMap((jwk) => {
    const key = keyOfJwk(jwk);
    return key === undefined ? [] : [{ kid: jwk.kid, key }];
  });
  return { list, fetchedAt: now() };
}

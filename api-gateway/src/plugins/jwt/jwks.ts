import { Unavailable } from '@plaza/errors';
import { z } from 'zod';
import { parseJwk, type JwtVerificationKey } from './signature.ts';

/** An issuer's public keys, by the ids that its tokens name. */
export interface Jwks {
  /**
   * The key of a token; without an id, the only one of its algorithm. At once where it is known.
   * @throws {Unavailable} where it is not and the keys cannot be fetched.
   */
  find(
    kid: string | undefined,
    algorithm: string,
  ): JwtVerificationKey | undefined | Promise<JwtVerificationKey | undefined>;
}

export interface JwksOptions {
  /** Where the keys are at the moment. What it throws is an outage. */
  readonly locate: () => string;
  readonly now: () => number;
}

const jwksSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(100),
});

const TIMEOUT_MS = 3_000;
const MAX_RESPONSE_LENGTH = 256 * 1_024;
/** Between two fetches that unknown ids cause: anybody can make those up. */
const COOLDOWN_MS = 30_000;
/** After that long the keys are fetched anew, so that one that was taken back is forgotten. */
const MAX_AGE_MS = 600_000;

interface FetchedKeys {
  readonly list: readonly { readonly kid: string | undefined; readonly key: JwtVerificationKey }[];
  readonly fetchedAt: number;
}

/** Keys fetched when they are asked for, one fetch at a time, and kept through an outage of who publishes them. */
export function createJwks({ locate, now }: JwksOptions): Jwks {
  let fetchedKeys: FetchedKeys | undefined;
  let triedAt = -Infinity;
  let fetching: Promise<FetchedKeys> | undefined;

  function refresh(): Promise<FetchedKeys> {
    triedAt = now();
    fetching ??= fetchKeys(locate, now)
      .then((fetched) => (fetchedKeys = fetched))
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  async function findAnew(
    kid: string | undefined,
    algorithm: string,
  ): Promise<JwtVerificationKey | undefined> {
    try {
      return findKey(await refresh(), kid, algorithm);
    } catch (cause) {
      throw new Unavailable('Tokens cannot be checked: their keys cannot be fetched.', {
        retryAfter: 5,
        cause,
      });
    }
  }

  return {
    find: (kid, algorithm) => {
      if (fetchedKeys === undefined || fetching !== undefined)
        return findKey(fetchedKeys, kid, algorithm) ?? findAnew(kid, algorithm);
      // The old ones do until the new ones are there.
      if (now() - Math.max(fetchedKeys.fetchedAt, triedAt) > MAX_AGE_MS) refresh().catch(() => undefined);
      const found = findKey(fetchedKeys, kid, algorithm);
      return found === undefined && now() - triedAt > COOLDOWN_MS ? findAnew(kid, algorithm) : found;
    },
  };
}

function findKey(
  fetchedKeys: FetchedKeys | undefined,
  kid: string | undefined,
  algorithm: string,
): JwtVerificationKey | undefined {
  const fitting = fetchedKeys?.list.filter(({ key }) => key.algorithm === algorithm) ?? [];
  if (kid !== undefined) return fitting.find((known) => known.kid === kid)?.key;
  return fitting.length === 1 ? fitting[0]?.key : undefined;
}

async function fetchKeys(locate: () => string, now: () => number): Promise<FetchedKeys> {
  const response = await fetch(locate(), { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if (!response.ok || text.length > MAX_RESPONSE_LENGTH)
    throw new Error(`the keys' address answers ${response.status}`);
  const list = jwksSchema.parse(JSON.parse(text)).keys.flatMap((jwk) => {
    const key = parseJwk(jwk);
    return key === undefined ? [] : [{ kid: jwk.kid, key }];
  });
  return { list, fetchedAt: now() };
}

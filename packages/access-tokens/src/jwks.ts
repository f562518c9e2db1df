import { singleFlight } from '@plaza/concurrency';
import { z } from 'zod';
import { parseJwk, type VerificationKey } from './signature.ts';
import type { VerificationKeys } from './verify-token.ts';

export interface JwksOptions {
  /** Fetches the issuer's JSON Web Key Set (RFC 7517). The signal aborts after 3 s. */
  readonly fetchKeys: (signal: AbortSignal) => Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const jwksSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(100),
});

const TIMEOUT_MS = 3_000;
const MAX_RESPONSE_LENGTH = 256 * 1_024;
/** The pause between two fetches that unknown key ids cause: a client can make up any number of ids. */
const COOLDOWN_MS = 30_000;
/** Keys are fetched again after this time, so that a revoked key is forgotten. */
const MAX_AGE_MS = 600_000;

interface FetchedKeys {
  readonly list: readonly { readonly kid: string | undefined; readonly key: VerificationKey }[];
  readonly fetchedAt: number;
}

/**
 * The keys of a remote issuer, fetched at the first use and cached. One fetch at a time. Cached keys stay valid
 * while the issuer is unreachable. `find` rejects if it needs keys that cannot be fetched.
 */
export function createJwks({ fetchKeys, now }: JwksOptions): VerificationKeys {
  let fetched: FetchedKeys | undefined;
  let triedAt = -Infinity;
  let fetching = false;

  const refresh = singleFlight(async () => {
    triedAt = now();
    fetching = true;
    try {
      fetched = { list: await readKeys(fetchKeys), fetchedAt: now() };
      return fetched;
    } finally {
      fetching = false;
    }
  });

  const findAfterRefresh = async (kid: string | undefined, algorithm: string) =>
    findKey(await refresh(), kid, algorithm);

  return {
    find: (kid, algorithm) => {
      if (fetched === undefined || fetching)
        return findKey(fetched, kid, algorithm) ?? findAfterRefresh(kid, algorithm);
      // Requests use the old keys until the new ones have arrived.
      if (now() - Math.max(fetched.fetchedAt, triedAt) > MAX_AGE_MS) refresh().catch(() => undefined);
      const found = findKey(fetched, kid, algorithm);
      return found === undefined && now() - triedAt > COOLDOWN_MS ? findAfterRefresh(kid, algorithm) : found;
    },
  };
}

/** Undefined if no key matches, or several do. */
function findKey(
  fetched: FetchedKeys | undefined,
  kid: string | undefined,
  algorithm: string,
): VerificationKey | undefined {
  const matching =
    fetched?.list.filter(
      (known) => known.key.algorithm === algorithm && (kid === undefined || known.kid === kid),
    ) ?? [];
  return matching.length === 1 ? matching[0]?.key : undefined;
}

async function readKeys(fetchKeys: JwksOptions['fetchKeys']): Promise<FetchedKeys['list']> {
  const response = await fetchKeys(AbortSignal.timeout(TIMEOUT_MS));
  const text = await response.text();
  if (!response.ok || text.length > MAX_RESPONSE_LENGTH)
    throw new Error(`the key set's address answers ${response.status} with ${text.length} characters`);
  return jwksSchema.parse(JSON.parse(text)).keys.flatMap((jwk) => {
    const key = parseJwk(jwk);
    return key === undefined ? [] : [{ kid: jwk.kid, key }];
  });
}

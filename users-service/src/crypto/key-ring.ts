import { toVerificationKey, type VerificationKeys } from '@plaza/access-tokens';
import { Unavailable } from '@plaza/errors';
import type { SigningKey, TokenVerificationKey } from './rsa-keys.ts';

/** The key that tokens are signed with, and all by which they are checked. */
export interface KeyRing extends VerificationKeys {
  /** Fetches the keys; makes the first one. */
  load(): Promise<void>;
  /** @throws {Unavailable} before the keys are loaded, as do `publicJwks` and `find`. */
  signingKey(): SigningKey;
  /** The JSON Web Key Set for those who check tokens; the last one known where no newer is to be had. */
  publicJwks(): Promise<TokenVerificationKey['jwk'][]>;
}

export interface SigningKeySet {
  readonly signing: SigningKey;
  readonly others: readonly TokenVerificationKey[];
}

/** Milliseconds until the keys are asked for again: another replica may have rolled one in. */
const REFRESH_AFTER_MS = 10_000;

export function createKeyRing(fetchKeys: () => Promise<SigningKeySet>, now: () => Date): KeyRing {
  let signingKeySet: SigningKeySet | undefined;
  let fetchedAt = 0;
  let fetching: Promise<void> | undefined;

  async function fetchAll() {
    fetchedAt = now().getTime();
    signingKeySet = await fetchKeys();
  }

  /** However many ask at once, the keys are fetched once. */
  function load() {
    fetching ??= fetchAll().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  async function refresh() {
    if (fetching !== undefined || now().getTime() - fetchedAt >= REFRESH_AFTER_MS) await load();
  }

  function signingKey(): SigningKey {
    if (signingKeySet !== undefined) return signingKeySet.signing;
    throw new Unavailable('The signing keys are not loaded yet; try again in a moment.', {
      reason: 'keys_not_loaded',
      retryAfter: 2,
    });
  }

  const all = () => [signingKey(), ...(signingKeySet?.others ?? [])];
  const findPublicKey = (kid: string | undefined) => all().find((key) => key.kid === kid)?.publicKey;

  return {
    load,
    signingKey,
    publicJwks: async () => {
      // Keys that were good do not turn bad while the database is away: who checks tokens goes on.
      await refresh().catch(() => undefined);
      return all().map(({ jwk }) => jwk);
    },
    // An unknown id makes the ring fetch its keys again.
    find: async (kid, algorithm) => {
      if (findPublicKey(kid) === undefined) await refresh();
      const key = findPublicKey(kid);
      return key && toVerificationKey(key, algorithm);
    },
  };
}

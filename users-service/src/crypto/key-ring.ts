import type { KeyObject } from 'node:crypto';
import { Unavailable } from '@plaza/errors';
import { errors, type JWTVerifyGetKey } from 'jose';
import { signingKey, verificationKey, type SigningKey, type VerificationKey } from './rsa-keys.ts';

/** The key that tokens are signed with, and all by which they are checked. */
export interface KeyRing {
  /** Fetches the keys; makes the first one. */
  load(): Promise<void>;
  /** @throws {Unavailable} before the keys are loaded. */
  signingKey(): SigningKey;
  /** The JSON Web Key Set for those who check tokens. */
  published(): Promise<VerificationKey['jwk'][]>;
  /** For jose: the key of a token's header. A `kid` that is not known makes it look for new keys. */
  readonly find: JWTVerifyGetKey;
}

export interface Keys {
  readonly signing: SigningKey;
  readonly others: readonly VerificationKey[];
}

/** Milliseconds for which keys are taken to be all that there are: another replica may roll one in. */
const FRESH_MS = 10_000;

export function createKeyRing(fetchKeys: () => Promise<Keys>, now: () => Date): KeyRing {
  let keys: Keys | undefined;
  let fetchedAt = 0;

  async function load() {
    keys = await fetchKeys();
    fetchedAt = now().getTime();
  }

  async function upToDate() {
    if (now().getTime() - fetchedAt >= FRESH_MS) await load();
    return keys === undefined ? [] : [keys.signing, ...keys.others];
  }

  function known(kid: string | undefined): KeyObject | undefined {
    if (keys === undefined) return undefined;
    return [keys.signing, ...keys.others].find((key) => key.kid === kid)?.publicKey;
  }

  return {
    load,
    signingKey: () => {
      if (keys === undefined) {
        throw new Unavailable('Tokens cannot be signed yet: the keys are not loaded.', { retryAfter: 2 });
      }
      return keys.signing;
    },
    published: async () => (await upToDate()).map(({ jwk }) => jwk),
    find: async ({ kid }) => {
      if (known(kid) === undefined) await upToDate();
      const key = known(kid);
      if (key === undefined) throw new errors.JWKSNoMatchingKey();
      return key;
    },
  };
}

export interface ConfiguredKeys {
  readonly signing: KeyObject;
  readonly others: readonly KeyObject[];
}

/** The keys of the environment: JWT_PRIVATE_KEY, and beside it JWT_VERIFICATION_KEYS. */
export function keysOfEnvironment({ signing, others }: ConfiguredKeys): () => Promise<Keys> {
  return async () => ({
    signing: await signingKey(signing),
    others: await Promise.all(others.map(verificationKey)),
  });
}

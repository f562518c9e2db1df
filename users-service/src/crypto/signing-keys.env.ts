import type { KeyObject } from 'node:crypto';
import type { SigningKeySet } from './key-ring.ts';
import { toSigningKey, toVerificationKey } from './rsa-keys.ts';

export interface ConfiguredKeys {
  readonly signing: KeyObject;
  readonly others: readonly KeyObject[];
}

/** The keys of the environment: JWT_PRIVATE_KEY, and beside it JWT_VERIFICATION_KEYS. */
export function createEnvKeyLoader({ signing, others }: ConfiguredKeys): () => Promise<SigningKeySet> {
  return async () => ({
    signing: await toSigningKey(signing),
    others: await Promise.all(others.map(toVerificationKey)),
  });
}

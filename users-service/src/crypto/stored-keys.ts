import { createPrivateKey } from 'node:crypto';
import type { SigningKeyRepository } from '../domain/signing-key.repository.ts';
import type { Keys } from './key-ring.ts';
import { makePrivateKeyPem, signingKey } from './rsa-keys.ts';

/**
 * The keys of the database. Tokens are signed with the one of `generation`, which is made where it is
 * missing; the one before still holds, and so do newer ones, which another replica signs with already.
 */
export function keysOfDatabase(repository: SigningKeyRepository, generation: number): () => Promise<Keys> {
  return async () => {
    let stored = await repository.since(generation - 1);
    if (!stored.some((key) => key.generation === generation)) {
      await repository.addUnlessPresent({ generation, pem: await makePrivateKeyPem() });
      stored = await repository.since(generation - 1);
    }
    const keys = await Promise.all(
      stored.map(async (key) => ({ ...key, ...(await signingKey(createPrivateKey(key.pem))) })),
    );
    const signing = keys.find((key) => key.generation === generation);
    if (signing === undefined) throw new Error(`The signing key of generation ${generation} is gone.`);
    return { signing, others: keys.filter((key) => key !== signing) };
  };
}

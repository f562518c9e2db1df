import { createPrivateKey } from 'node:crypto';
import type { SigningKeyRepository } from '../domain/signing-key.repository.ts';
import type { SigningKeySet } from './key-ring.ts';
import { generatePrivateKeyPem, toSigningKey } from './rsa-keys.ts';

/**
 * The keys of the database. Tokens are signed with the one of `generation`, which is made where it is
 * missing; the one before still holds, and so do newer ones, which another replica signs with already.
 */
export function createMongoKeyLoader(
  repository: SigningKeyRepository,
  generation: number,
): () => Promise<SigningKeySet> {
  return async () => {
    let stored = await repository.findSince(generation - 1);
    if (!stored.some((key) => key.generation === generation)) {
      await repository.insertIfAbsent({ generation, pem: await generatePrivateKeyPem() });
      stored = await repository.findSince(generation - 1);
    }
    const keys = await Promise.all(
      stored.map(async (key) => ({ ...key, ...(await toSigningKey(createPrivateKey(key.pem))) })),
    );
    const signing = keys.find((key) => key.generation === generation);
    if (signing === undefined) throw new Error(`The signing key of generation ${generation} is gone.`);
    return { signing, others: keys.filter((key) => key !== signing) };
  };
}

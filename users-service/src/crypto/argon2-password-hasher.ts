import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Bulkhead } from '@plaza/resilience';
import type { PasswordHasher } from '../domain/password-hasher.ts';
import { formatPhc, parsePhc, type Argon2Parameters } from './phc.ts';

const derive = promisify(argon2);

/**
 * OWASP's first choice for argon2id with 19 MiB
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
 */
const DEFAULT_PARAMETERS: Argon2Parameters = { memory: 19 * 1_024, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

export interface PasswordHasherOptions {
  /** Bounds the hashes that are computed at once: each takes 19 MiB and a thread of libuv's four. */
  readonly bulkhead: Bulkhead;
  readonly parameters?: Argon2Parameters | undefined;
}

/** argon2id of node:crypto. Hashing and verifying throw what `bulkhead` throws where too many wait. */
export function createPasswordHasher({
  bulkhead,
  parameters = DEFAULT_PARAMETERS,
}: PasswordHasherOptions): PasswordHasher {
  const nobodys = { parameters, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };

  async function keyFor(password: string, salt: Buffer, { memory, passes, parallelism }: Argon2Parameters) {
    const message = password.normalize('NFKC');
    const work = { message, nonce: salt, memory, passes, parallelism, tagLength: KEY_BYTES };
    return bulkhead.run(() => derive('argon2id', work));
  }

  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES);
      return formatPhc({ parameters, salt, key: await keyFor(password, salt, parameters) });
    },
    verify: async (password, hash) => {
      const known = hash === undefined ? nobodys : parsePhc(hash);
      const key = await keyFor(password, known.salt, known.parameters);
      return timingSafeEqual(key, known.key);
    },
    isOutdated: (hash) => {
      const { memory, passes, parallelism } = parsePhc(hash).parameters;
      return (
        memory !== parameters.memory || passes !== parameters.passes || parallelism !== parameters.parallelism
      );
    },
  };
}

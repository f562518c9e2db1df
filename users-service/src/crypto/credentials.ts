import { createBulkhead, createResilienceMetrics } from '@plaza/resilience';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createServiceTokens,
  type Chassis,
} from '@plaza/service-kit';
import type { UsersConfig } from '../config.ts';
import type { SigningKeyRepository } from '../domain/signing-key.repository.ts';
import { createAccessTokenIssuer } from './access-tokens.ts';
import { createPasswordHasher } from './argon2-password-hasher.ts';
import { createKeyRing } from './key-ring.ts';
import type { Argon2Parameters } from './phc.ts';
import { issueRefreshToken, parseRefreshToken, renewRefreshToken } from './refresh-tokens.ts';
import { createEnvKeyLoader } from './signing-keys.env.ts';
import { createMongoKeyLoader } from './signing-keys.mongo.ts';

/** Password hashes at once, of 19 MiB each: half of libuv's four threads, so that files and DNS keep theirs. */
const MAX_CONCURRENT_HASHES = 2;
/** A hash takes 25 to 50 ms: the last in the queue waits for 2.5 s. */
const MAX_QUEUED_HASHES = 100;

export interface UsersCredentialsOptions {
  readonly signingKeys: SigningKeyRepository;
  readonly passwordCost: Argon2Parameters | undefined;
  readonly now: () => Date;
}

/** Signing keys, tokens, what checks them, and the hasher of passwords. */
export function createCredentials(chassis: Chassis<UsersConfig>, options: UsersCredentialsOptions) {
  const { config, metrics } = chassis;
  const { signingKeys, passwordCost, now } = options;
  const millis = () => now().getTime();
  const keys = createKeyRing(
    config.JWT_PRIVATE_KEY === undefined
      ? createMongoKeyLoader(signingKeys, config.JWT_KEY_GENERATION)
      : createEnvKeyLoader({ signing: config.JWT_PRIVATE_KEY, others: config.JWT_VERIFICATION_KEYS }),
    now,
  );
  const bulkhead = createBulkhead({
    name: 'the hashing of passwords',
    metrics: createResilienceMetrics(metrics.registry),
    limit: MAX_CONCURRENT_HASHES,
    queue: MAX_QUEUED_HASHES,
  });
  return {
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(keys, millis),
      serviceTokens: createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET, millis),
    }),
    keys,
    passwords: createPasswordHasher({ bulkhead, parameters: passwordCost }),
    tokens: {
      issueAccess: createAccessTokenIssuer(keys, now),
      issueRefresh: issueRefreshToken,
      renewRefresh: renewRefreshToken,
      readRefresh: parseRefreshToken,
    },
  };
}

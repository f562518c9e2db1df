import type { EventLog } from '@plaza/errors';
import { createOutbox } from '@plaza/messaging';
import type { Redis } from 'ioredis';
import type { Connection } from 'mongoose';
import { createMemoryLoginAttempts } from './login-attempts.memory.ts';
import { createRedisLoginAttempts } from './login-attempts.redis.ts';
import { createLoginAttemptsWithFallback } from './login-attempts.ts';
import { revocationModel } from './revocation.model.ts';
import { createRevocationRepository } from './revocation.repository.ts';
import { sessionModel } from './session.model.ts';
import { createSessionRepository } from './session.repository.ts';
import { signingKeyModel } from './signing-key.model.ts';
import { createSigningKeyRepository } from './signing-key.repository.ts';
import { userModels } from './user.model.ts';
import { createUserRepository } from './user.repository.ts';

export interface UsersRepositoriesOptions {
  readonly mongo: Connection;
  readonly redis: Redis;
  readonly log: Pick<EventLog, 'info' | 'warn'>;
  readonly now: () => Date;
}

/** Everything that this service stores, and the outbox of its events. */
export function createRepositories({ mongo, redis, log, now }: UsersRepositoriesOptions) {
  const models = userModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  const revocations = createRevocationRepository(revocationModel(mongo), now);
  return {
    outbox,
    users: createUserRepository(models.users, outbox, now),
    revocations,
    sessions: createSessionRepository(sessionModel(mongo), revocations),
    signingKeys: createSigningKeyRepository(signingKeyModel(mongo), now),
    loginAttempts: createLoginAttemptsWithFallback({
      primary: createRedisLoginAttempts(redis, now),
      fallback: createMemoryLoginAttempts(now),
      log,
    }),
  };
}

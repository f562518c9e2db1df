import { randomUUID } from 'node:crypto';
import { createDiscovery } from '@plaza/discovery';
import { createBroker, createOutbox } from '@plaza/messaging';
import { createBulkhead, createResilienceMetrics } from '@plaza/resilience';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createHttpApp,
  createServiceTokens,
  type Chassis,
} from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createRedis } from '@plaza/service-kit/redis';
import type { RequestListener } from 'node:http';
import type { UsersConfig } from './config.ts';
import { createAccessTokenIssuer } from './crypto/access-tokens.ts';
import { createKeyRing } from './crypto/key-ring.ts';
import { createPasswordHasher } from './crypto/argon2-password-hasher.ts';
import type { Argon2Parameters } from './crypto/phc.ts';
import { issueRefreshToken, parseRefreshToken, renewRefreshToken } from './crypto/refresh-tokens.ts';
import { createEnvKeyLoader } from './crypto/signing-keys.env.ts';
import { createMongoKeyLoader } from './crypto/signing-keys.mongo.ts';
import { createMemoryLoginAttempts } from './data/login-attempts.memory.ts';
import { createRedisLoginAttempts } from './data/login-attempts.redis.ts';
import { createLoginAttemptsWithFallback } from './data/login-attempts.ts';
import { revocationModel } from './data/revocation.model.ts';
import { createRevocationRepository } from './data/revocation.repository.ts';
import { sessionModel } from './data/session.model.ts';
import { createSessionRepository } from './data/session.repository.ts';
import { signingKeyModel } from './data/signing-key.model.ts';
import { createSigningKeyRepository } from './data/signing-key.repository.ts';
import { newUserId, userModels } from './data/user.model.ts';
import { createUserRepository } from './data/user.repository.ts';
import { createAuthService } from './domain/auth.service.ts';
import { bootstrapAdmin } from './domain/bootstrap-admin.ts';
import { createLoginRateLimiter } from './domain/login-rate-limiter.ts';
import { createRevocationsService } from './domain/revocations.service.ts';
import type { UserId } from './domain/user.ts';
import { createUsersService } from './domain/users.service.ts';
import { userEvents } from './events/user.events.contract.ts';
import { authRoutes } from './http/auth.routes.ts';
import { jwksRoutes } from './http/jwks.routes.ts';
import { profileRoutes } from './http/profile.routes.ts';
import { revocationRoutes } from './http/revocation.routes.ts';
import { userRoutes } from './http/user.routes.ts';

/** What the service takes from outside of itself, for tests to set. */
export interface UsersAppDependencies {
  readonly now?: () => Date;
  readonly newUserId?: () => UserId;
  readonly passwordCost?: Argon2Parameters;
}

/** Password hashes at once, of 19 MiB each: half of libuv's four threads, so that files and DNS get theirs. */
const MAX_CONCURRENT_HASHES = 2;
/** At 25 to 50 ms each, the last in the queue waits for 2.5 s. */
const MAX_QUEUED_HASHES = 100;

/** Every two seconds, by each of their processes. */
const UNLOGGED_PATHS = /^\/auth\/revocations$/;

export function createApp(
  chassis: Chassis<UsersConfig>,
  dependencies: UsersAppDependencies = {},
): RequestListener {
  const { config, logger, metrics } = chassis;
  const { now = () => new Date(), newUserId: newId = newUserId, passwordCost } = dependencies;
  const millis = () => now().getTime();

  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI, prepare });
  const redis = createRedis({ ...chassis, url: config.REDIS_URL, required: false, commandTimeout: 200 });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });

  const models = userModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  const users = createUserRepository(models.users, outbox, now);
  const revocations = createRevocationRepository(revocationModel(mongo), now);
  const sessions = createSessionRepository(sessionModel(mongo), revocations);
  const storedKeys = createSigningKeyRepository(signingKeyModel(mongo), now);

  const keys = createKeyRing(
    config.JWT_PRIVATE_KEY === undefined
      ? createMongoKeyLoader(storedKeys, config.JWT_KEY_GENERATION)
      : createEnvKeyLoader({ signing: config.JWT_PRIVATE_KEY, others: config.JWT_VERIFICATION_KEYS }),
    now,
  );
  const bulkhead = createBulkhead({
    name: 'the hashing of passwords',
    metrics: createResilienceMetrics(metrics.registry),
    limit: MAX_CONCURRENT_HASHES,
    queue: MAX_QUEUED_HASHES,
  });
  const passwords = createPasswordHasher({ bulkhead, parameters: passwordCost });
  const tokens = {
    issueAccess: createAccessTokenIssuer(keys, now),
    issueRefresh: issueRefreshToken,
    renewRefresh: renewRefreshToken,
    readRefresh: parseRefreshToken,
  };
  const attempts = createLoginAttemptsWithFallback({
    primary: createRedisLoginAttempts(redis, now),
    fallback: createMemoryLoginAttempts(now),
    log: logger,
  });

  const accounts = createUsersService({ users, passwords, endSessions: sessions.removeByUser, newId, now });
  const limit = createLoginRateLimiter(attempts, randomUUID);
  const auth = createAuthService({ users, sessions, passwords, tokens, limit, log: logger, now });

  async function prepare() {
    await keys.load();
    const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
    if (email === undefined || password === undefined) return;
    await bootstrapAdmin({ email, password }, { users, accounts, passwords, log: logger, newId, now });
  }

  broker.relay(outbox, { exchange: userEvents.exchange });

  createDiscovery(chassis);
  return createHttpApp({
    service: chassis,
    routes: [
      ...userRoutes(accounts),
      ...authRoutes(auth),
      ...revocationRoutes(createRevocationsService(revocations, now)),
      ...profileRoutes(accounts, auth),
      ...jwksRoutes(keys),
    ],
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(keys, millis),
      serviceTokens: createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET, millis),
    }),
    dependencyErrors: { 'The database': isMongoOutage },
    quietPaths: UNLOGGED_PATHS,
  });
}

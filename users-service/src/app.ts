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
import type { Config } from './config.ts';
import { createAccessTokens } from './crypto/access-tokens.ts';
import { createKeyRing, keysOfEnvironment } from './crypto/key-ring.ts';
import { createPasswords } from './crypto/passwords.ts';
import type { Argon2Parameters } from './crypto/phc.ts';
import { issueRefreshToken, readRefreshToken, renewRefreshToken } from './crypto/refresh-tokens.ts';
import { keysOfDatabase } from './crypto/stored-keys.ts';
import { createMemoryAttempts } from './data/attempts.memory.ts';
import { createRedisAttempts } from './data/attempts.redis.ts';
import { createAttemptsWithFallback } from './data/attempts.ts';
import { revocationModel } from './data/revocation.model.ts';
import { createRevocationRepository } from './data/revocation.repository.ts';
import { sessionModel } from './data/session.model.ts';
import { createSessionRepository } from './data/session.repository.ts';
import { signingKeyModel } from './data/signing-key.model.ts';
import { createSigningKeyRepository } from './data/signing-key.repository.ts';
import { newUserId, userModels } from './data/user.model.ts';
import { createUserRepository } from './data/user.repository.ts';
import { createAuthService } from './domain/auth.service.ts';
import { ensureFirstAdmin } from './domain/first-admin.ts';
import { createLoginLimit } from './domain/login-limit.ts';
import { createRevocations } from './domain/revocation.ts';
import type { UserId } from './domain/user.ts';
import { createUsersService } from './domain/users.service.ts';
import { userEvents } from './events/user.published.ts';
import { authRoutes } from './http/auth.routes.ts';
import { keyRoutes } from './http/key.routes.ts';
import { profileRoutes } from './http/profile.routes.ts';
import { revocationRoutes } from './http/revocation.routes.ts';
import { userRoutes } from './http/user.routes.ts';

/** What the service takes from outside of itself, for tests to set. */
export interface Outside {
  readonly now?: () => Date;
  readonly newUserId?: () => UserId;
  readonly passwordCost?: Argon2Parameters;
}

/** Password hashes at once, of 19 MiB each: half of libuv's four threads, so that files and DNS get theirs. */
const HASHES = 2;
/** At 25 to 50 ms each, the last in the queue waits for 2.5 s. */
const WAITING_HASHES = 100;

/** Every two seconds, by each of their processes. */
const ASKED_BY_GATEWAYS = /^\/auth\/revocations$/;

export function createApp(chassis: Chassis<Config>, outside: Outside = {}): RequestListener {
  const { config, logger, metrics } = chassis;
  const { now = () => new Date(), newUserId: newId = newUserId, passwordCost } = outside;
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
      ? keysOfDatabase(storedKeys, config.JWT_KEY_GENERATION)
      : keysOfEnvironment({ signing: config.JWT_PRIVATE_KEY, others: config.JWT_VERIFICATION_KEYS }),
    now,
  );
  const turns = createBulkhead({
    name: 'the hashing of passwords',
    metrics: createResilienceMetrics(metrics.registry),
    limit: HASHES,
    queue: WAITING_HASHES,
  });
  const passwords = createPasswords({ turns, parameters: passwordCost });
  const tokens = {
    issueAccess: createAccessTokens(keys, now),
    issueRefresh: issueRefreshToken,
    renewRefresh: renewRefreshToken,
    readRefresh: readRefreshToken,
  };
  const attempts = createAttemptsWithFallback({
    first: createRedisAttempts(redis, now),
    second: createMemoryAttempts(now),
    log: logger,
  });

  const accounts = createUsersService({ users, passwords, endSessions: sessions.removeAllOf, newId, now });
  const limit = createLoginLimit(attempts, randomUUID);
  const auth = createAuthService({ users, sessions, passwords, tokens, limit, log: logger, now });

  async function prepare() {
    await keys.load();
    const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
    if (email === undefined || password === undefined) return;
    await ensureFirstAdmin({ email, password }, { users, accounts, passwords, log: logger, newId, now });
  }

  broker.relay(outbox, { exchange: userEvents.exchange });

  createDiscovery(chassis);
  return createHttpApp({
    service: chassis,
    routes: [
      ...userRoutes(accounts),
      ...authRoutes(auth),
      ...revocationRoutes(createRevocations(revocations, now)),
      ...profileRoutes(accounts, auth),
      ...keyRoutes(keys),
    ],
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(keys.find, millis),
      serviceTokens: createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET, millis),
    }),
    outages: { 'The database': isMongoOutage },
    quiet: ASKED_BY_GATEWAYS,
  });
}

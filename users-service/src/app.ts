import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createDiscovery } from '@plaza/discovery';
import { createBroker } from '@plaza/messaging';
import { createHttpApp, type Chassis } from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createRedis } from '@plaza/service-kit/redis';
import type { UsersConfig } from './config.ts';
import { createCredentials } from './crypto/credentials.ts';
import type { Argon2Parameters } from './crypto/phc.ts';
import { createRepositories } from './data/repositories.ts';
import { newUserId } from './data/user.model.ts';
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
import { REVOCATION_PATHS, revocationRoutes } from './http/revocation.routes.ts';
import { userRoutes } from './http/user.routes.ts';

/** What tests replace. */
export interface UsersAppDependencies {
  readonly now?: () => Date;
  readonly newUserId?: () => UserId;
  readonly passwordCost?: Argon2Parameters;
}

export function createApp(
  chassis: Chassis<UsersConfig>,
  { now = () => new Date(), newUserId: newId = newUserId, passwordCost }: UsersAppDependencies = {},
): RequestListener {
  const { config, logger: log } = chassis;
  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI, prepare });
  const redis = createRedis({ ...chassis, url: config.REDIS_URL, required: false, commandTimeout: 200 });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });

  const repositories = createRepositories({ mongo, redis, log, now });
  const { users, sessions, revocations, signingKeys, loginAttempts, outbox } = repositories;
  createDiscovery(chassis);

  const credentials = createCredentials(chassis, { signingKeys, passwordCost, now });
  const { authenticate, keys, passwords, tokens } = credentials;
  const accounts = createUsersService({ users, passwords, endSessions: sessions.removeByUser, newId, now });
  const limit = createLoginRateLimiter(loginAttempts, randomUUID);
  const auth = createAuthService({ users, sessions, passwords, tokens, limit, log, now });

  async function prepare() {
    await keys.load();
    const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
    if (email === undefined || password === undefined) return;
    await bootstrapAdmin({ email, password }, { users, accounts, passwords, log, newId, now });
  }

  broker.relay(outbox, { exchange: userEvents.exchange });

  return createHttpApp({
    service: chassis,
    authenticate,
    dependencyErrors: { 'The database': isMongoOutage },
    quietPaths: REVOCATION_PATHS,
    routes: [
      ...userRoutes(accounts),
      ...authRoutes(auth),
      ...revocationRoutes(createRevocationsService(revocations, now)),
      ...profileRoutes(accounts, auth),
      ...jwksRoutes(keys),
    ],
  });
}

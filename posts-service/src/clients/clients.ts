import { createJwks } from '@plaza/access-tokens';
import { createDiscovery } from '@plaza/discovery';
import { createJwksFetcher, createServiceClient } from '@plaza/service-client';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createServiceTokens,
  type Chassis,
} from '@plaza/service-kit';
import type { PostsConfig } from '../config.ts';
import { createUsersClient } from './users.client.ts';

/** What this service asks of the users service: authors, and the keys of users' tokens. */
export function createClients(chassis: Chassis<PostsConfig>, now: () => Date) {
  const { config, health } = chassis;
  const millis = () => now().getTime();
  const serviceTokens = createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET, millis);
  const users = createServiceClient({
    ...chassis,
    serviceTokens,
    watch: createDiscovery(chassis).watch('users-service', config.USERS_SERVICE_URL),
  });
  health.add(users.check);
  const keys = createJwks({ fetchKeys: createJwksFetcher(users), now: millis });
  return {
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(keys, millis),
      serviceTokens,
    }),
    users: createUsersClient(users),
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createJwks } from '@plaza/access-tokens';
import { createDiscovery } from '@plaza/discovery';
import { createJwksFetcher, createServiceClient } from '@plaza/service-client';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createServiceTokens,
  type Chassis,
} from '@plaza/service-kit';
import type { OrdersConfig } from '../config.ts';
import type { PaymentLedgerRepository } from '../domain/payment-ledger.repository.ts';
import { createFakePaymentProvider } from './fake-payment-provider.ts';
import { createPostsClient } from './posts.client.ts';

/** An order may ask for 50 posts at once. */
const POSTS_CLIENT_LIMITS = { bulkhead: { limit: 50, queue: 1_000 }, timeoutMs: 10_000 };

export interface OrdersClientsOptions {
  readonly ledger: PaymentLedgerRepository;
  readonly now: () => Date;
}

/** What this service asks of others: prices of posts, keys of users' tokens, charges of the payment provider. */
export function createClients(chassis: Chassis<OrdersConfig>, { ledger, now }: OrdersClientsOptions) {
  const { config, health } = chassis;
  const millis = () => now().getTime();
  const discovery = createDiscovery(chassis);
  const serviceTokens = createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET, millis);
  const users = createServiceClient({
    ...chassis,
    serviceTokens,
    watch: discovery.watch('users-service', config.USERS_SERVICE_URL),
  });
  const posts = createServiceClient({
    ...chassis,
    serviceTokens,
    watch: discovery.watch('posts-service', config.POSTS_SERVICE_URL),
    ...POSTS_CLIENT_LIMITS,
  });
  for (const { check } of [users, posts]) health.add(check);
  const keys = createJwks({ fetchKeys: createJwksFetcher(users), now: millis });
  return {
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(keys, millis),
      serviceTokens,
    }),
    productCatalog: createPostsClient(posts),
    payments: createFakePaymentProvider({
      ledger,
      newPaymentId: () => `pay_${randomUUID()}`,
      delay: (signal) => sleep(config.SLOW_PAYMENT_MS, undefined, { signal }),
    }),
  };
}

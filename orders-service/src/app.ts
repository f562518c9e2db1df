import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createDiscovery, createServiceClient, jwksOf } from '@plaza/discovery';
import { createBroker, createOutbox } from '@plaza/messaging';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createHttpApp,
  createServiceTokens,
  createSweeper,
  remoteKeys,
  type Chassis,
} from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createPostServiceClient } from './clients/post-service.client.ts';
import { createSandboxPayments } from './clients/sandbox-payments.ts';
import type { Config } from './config.ts';
import { buyerModel } from './data/buyer.model.ts';
import { createBuyerRepository } from './data/buyer.repository.ts';
import { cartModel } from './data/cart.model.ts';
import { createCartRepository } from './data/cart.repository.ts';
import { claimModel } from './data/claim.model.ts';
import { createClaimRepository } from './data/claim.repository.ts';
import { createLease, leaseModel } from './data/lease.ts';
import { newOrderId, orderModels } from './data/order.model.ts';
import { createOrderRepository } from './data/order.repository.ts';
import { sandboxLedgerModel } from './data/sandbox-ledger.model.ts';
import { createSandboxLedger } from './data/sandbox-ledger.ts';
import { createBuyersService } from './domain/buyers.service.ts';
import { createCartsService } from './domain/carts.service.ts';
import { createErasure } from './domain/erasure.ts';
import { createOrderFeed } from './domain/order-feed.ts';
import { createOrdersService } from './domain/orders.service.ts';
import { createSaga } from './domain/saga.service.ts';
import { createSweep } from './domain/sweep.ts';
import { orderEvents } from './events/order.published.ts';
import { stockConsumer } from './events/stock.consumer.ts';
import { userConsumer } from './events/user.consumer.ts';
import { cartRoutes } from './http/cart.routes.ts';
import { orderRoutes } from './http/order.routes.ts';
import { placingRoutes } from './http/placing.routes.ts';
import { streamRoutes } from './http/stream.routes.ts';

/** What the service takes from outside of itself, for tests to set. */
export interface Outside {
  readonly now?: () => Date;
}

/** As late as a stream hears of a step that another replica made, in milliseconds. */
const FEED_MS = 400;
/** Twice what a replica takes from one sweep to the next at most: while it lives, it keeps the lease. */
const leaseOf = (sweepEveryMs: number) => 2.5 * sweepEveryMs;
/** Calls to the posts service at once, and those that may wait: an order has up to 50 posts to ask for, and 10 s. */
const POST_CALLS = { bulkhead: { limit: 50, queue: 1_000 }, timeoutMs: 10_000 };

export function createApp(
  chassis: Chassis<Config>,
  { now = () => new Date() }: Outside = {},
): RequestListener {
  const { config, logger, lifecycle, health } = chassis;
  const millis = () => now().getTime();

  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });
  const discovery = createDiscovery(chassis);

  const models = orderModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  const orders = createOrderRepository(models.orders, outbox, (id) => feed.changed(id));
  const buyerCopies = createBuyerRepository(buyerModel(mongo), now);
  const cartStore = createCartRepository(cartModel(mongo), now);
  const claims = createClaimRepository(claimModel(mongo), now);

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
    ...POST_CALLS,
  });
  for (const { check } of [users, posts]) health.add(check);
  const catalogue = createPostServiceClient(posts);
  const payments = createSandboxPayments({
    ledger: createSandboxLedger(sandboxLedgerModel(mongo)),
    newPaymentId: () => `pay_${randomUUID()}`,
    dawdle: (signal) => wait(config.SLOW_PAYMENT_MS, undefined, { signal }),
  });

  const buyers = createBuyersService(buyerCopies);
  const carts = createCartsService({ carts: cartStore, catalogue, buyers, newOrderId });
  const ordering = createOrdersService({
    orders,
    claims,
    carts,
    buyers,
    catalogue,
    payments,
    newOrderId,
    now,
  });
  const saga = createSaga({ orders, payments, log: logger, now });
  const erasure = createErasure({
    buyers: buyerCopies,
    orders,
    carts: cartStore,
    claims,
    saga,
    log: logger,
    now,
  });
  const feed = createOrderFeed({ orders, pause: () => wait(FEED_MS), log: logger });
  const sweep = createSweep({
    lease: createLease({
      model: leaseModel(mongo),
      name: 'sweep',
      owner: randomUUID(),
      lastsMs: leaseOf(config.SWEEP_EVERY_MS),
      now,
    }),
    orders,
    saga,
    erasure,
    pendingMs: config.ORDER_TIMEOUT_MS,
    log: logger,
    now,
  });

  broker.relay(outbox, orderEvents);
  broker.consume(stockConsumer(saga));
  broker.consume(userConsumer(buyerCopies, erasure));
  lifecycle.add(createSweeper({ sweep, everyMs: config.SWEEP_EVERY_MS, logger }));
  lifecycle.add({ name: 'order streams', drain: async () => feed.close() });

  return createHttpApp({
    service: chassis,
    routes: [
      ...cartRoutes(carts),
      ...placingRoutes(ordering),
      ...orderRoutes(ordering, saga),
      ...streamRoutes(ordering, feed),
    ],
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(remoteKeys(jwksOf(users)), millis),
      serviceTokens,
    }),
    outages: { 'The database': isMongoOutage },
  });
}

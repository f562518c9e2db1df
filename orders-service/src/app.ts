import { createJwks } from '@plaza/access-tokens';
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createDiscovery } from '@plaza/discovery';
import { createServiceClient, createJwksFetcher } from '@plaza/service-client';
import { createBroker, createOutbox } from '@plaza/messaging';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  createHttpApp,
  createServiceTokens,
  createPeriodicJob,
  type Chassis,
} from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createPostsClient } from './clients/posts.client.ts';
import { createFakePaymentProvider } from './clients/fake-payment-provider.ts';
import type { OrdersConfig } from './config.ts';
import { buyerModel } from './data/buyer.model.ts';
import { createBuyerRepository } from './data/buyer.repository.ts';
import { cartModel } from './data/cart.model.ts';
import { createCartRepository } from './data/cart.repository.ts';
import { idempotencyKeyModel } from './data/idempotency-key.model.ts';
import { createIdempotencyKeyRepository } from './data/idempotency-key.repository.ts';
import { createDistributedLock, lockModel } from './data/distributed-lock.ts';
import { newOrderId, orderModels } from './data/order.model.ts';
import { createOrderRepository } from './data/order.repository.ts';
import { paymentLedgerModel } from './data/payment-ledger.model.ts';
import { createPaymentLedgerRepository } from './data/payment-ledger.repository.ts';
import { createBuyersService } from './domain/buyers.service.ts';
import { createCartsService } from './domain/carts.service.ts';
import { createAccountDeletionService } from './domain/account-deletion.service.ts';
import { createOrderStream } from './domain/order-stream.ts';
import { createOrdersService } from './domain/orders.service.ts';
import { createOrderSagaService } from './domain/order-saga.service.ts';
import { createReconcileOrdersJob } from './jobs/reconcile-orders.job.ts';
import { orderEvents } from './events/order.events.contract.ts';
import { stockConsumer } from './events/stock.consumer.ts';
import { userConsumer } from './events/user.consumer.ts';
import { cartRoutes } from './http/cart.routes.ts';
import { orderRoutes } from './http/order.routes.ts';
import { checkoutRoutes } from './http/checkout.routes.ts';
import { orderStreamRoutes } from './http/order-stream.routes.ts';

/** What the service takes from outside of itself, for tests to set. */
export interface OrdersAppDependencies {
  readonly now?: () => Date;
}

/** As late as a stream hears of a step that another replica made, in milliseconds. */
const STREAM_POLL_MS = 400;
/** Twice what a replica takes from one reconciliation to the next at most: while it lives, it keeps the lock. */
const lockDurationMs = (sweepEveryMs: number) => 2.5 * sweepEveryMs;
/** Calls to the posts service at once, and those that may wait: an order has up to 50 posts to ask for, and 10 s. */
const POSTS_CLIENT_LIMITS = { bulkhead: { limit: 50, queue: 1_000 }, timeoutMs: 10_000 };

export function createApp(
  chassis: Chassis<OrdersConfig>,
  { now = () => new Date() }: OrdersAppDependencies = {},
): RequestListener {
  const { config, logger, lifecycle, health } = chassis;
  const millis = () => now().getTime();

  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });
  const discovery = createDiscovery(chassis);

  const models = orderModels(mongo);
  const outbox = createOutbox({ model: models.outboxed, now });
  const orders = createOrderRepository(models.orders, outbox, (id) => orderStream.notifyChanged(id));
  const buyerCopies = createBuyerRepository(buyerModel(mongo), now);
  const cartStore = createCartRepository(cartModel(mongo), now);
  const idempotencyKeys = createIdempotencyKeyRepository(idempotencyKeyModel(mongo), now);

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
  const productCatalog = createPostsClient(posts);
  const payments = createFakePaymentProvider({
    ledger: createPaymentLedgerRepository(paymentLedgerModel(mongo)),
    newPaymentId: () => `pay_${randomUUID()}`,
    delay: (signal) => wait(config.SLOW_PAYMENT_MS, undefined, { signal }),
  });

  const buyers = createBuyersService(buyerCopies);
  const carts = createCartsService({ carts: cartStore, productCatalog, buyers, newOrderId });
  const ordersService = createOrdersService({
    orders,
    idempotencyKeys,
    carts,
    buyers,
    productCatalog,
    payments,
    newOrderId,
    now,
  });
  const saga = createOrderSagaService({ orders, payments, log: logger, now });
  const accountDeletion = createAccountDeletionService({
    buyers: buyerCopies,
    orders,
    carts: cartStore,
    idempotencyKeys,
    saga,
    log: logger,
    now,
  });
  const orderStream = createOrderStream({ orders, waitForNextPoll: () => wait(STREAM_POLL_MS), log: logger });
  const reconcileOrders = createReconcileOrdersJob({
    lock: createDistributedLock({
      model: lockModel(mongo),
      name: 'sweep',
      owner: randomUUID(),
      durationMs: lockDurationMs(config.SWEEP_EVERY_MS),
      now,
    }),
    orders,
    saga,
    accountDeletion,
    pendingMs: config.ORDER_TIMEOUT_MS,
    log: logger,
    now,
  });

  broker.relay(outbox, orderEvents);
  broker.consume(stockConsumer(saga));
  broker.consume(userConsumer(buyerCopies, accountDeletion));
  lifecycle.add(createPeriodicJob({ run: reconcileOrders, intervalMs: config.SWEEP_EVERY_MS, logger }));
  lifecycle.add({ name: 'order streams', onDrain: async () => orderStream.close() });

  return createHttpApp({
    service: chassis,
    routes: [
      ...cartRoutes(carts),
      ...checkoutRoutes(ordersService),
      ...orderRoutes(ordersService, saga),
      ...orderStreamRoutes(ordersService, orderStream),
    ],
    authenticate: createAuthenticator({
      accessTokens: createAccessTokenVerifier(
        createJwks({ fetchKeys: createJwksFetcher(users), now: millis }),
        millis,
      ),
      serviceTokens,
    }),
    dependencyErrors: { 'The database': isMongoOutage },
  });
}

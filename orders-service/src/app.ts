import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBroker } from '@plaza/messaging';
import { createHttpApp, createPeriodicJob, type Chassis } from '@plaza/service-kit';
import { createMongo, isMongoOutage } from '@plaza/service-kit/mongo';
import { createClients } from './clients/clients.ts';
import type { OrdersConfig } from './config.ts';
import { newOrderId } from './data/order.model.ts';
import { createRepositories } from './data/repositories.ts';
import { createAccountDeletionService } from './domain/account-deletion.service.ts';
import { createBuyersService } from './domain/buyers.service.ts';
import { createCartsService } from './domain/carts.service.ts';
import { createOrderSagaService } from './domain/order-saga.service.ts';
import { createOrderStream } from './domain/order-stream.ts';
import { createOrdersService } from './domain/orders.service.ts';
import { orderEvents } from './events/order.events.contract.ts';
import { stockConsumer } from './events/stock.consumer.ts';
import { userConsumer } from './events/user.consumer.ts';
import { cartRoutes } from './http/cart.routes.ts';
import { checkoutRoutes } from './http/checkout.routes.ts';
import { orderStreamRoutes } from './http/order-stream.routes.ts';
import { orderRoutes } from './http/order.routes.ts';
import { createReconcileOrdersJob } from './jobs/reconcile-orders.job.ts';

/** What tests replace. */
export interface OrdersAppDependencies {
  readonly now?: () => Date;
}

/** Milliseconds: a stream sees a step that another replica made after this time at most. */
const STREAM_POLL_MS = 400;

export function createApp(
  chassis: Chassis<OrdersConfig>,
  { now = () => new Date() }: OrdersAppDependencies = {},
): RequestListener {
  const { config, logger: log, lifecycle } = chassis;
  const mongo = createMongo({ ...chassis, uri: config.MONGODB_URI });
  const broker = createBroker({ url: config.RABBITMQ_URL, service: chassis, now });
  const { outbox, ledger, reconciliationLock, ...repositories } = createRepositories(mongo, {
    now,
    onOrderChanged: (id) => orderStream.notifyChanged(id),
    reconcileEveryMs: config.SWEEP_EVERY_MS,
  });
  const { authenticate, payments, productCatalog } = createClients(chassis, { ledger, now });

  const buyers = createBuyersService(repositories.buyers);
  const carts = createCartsService({ ...repositories, productCatalog, buyers, newOrderId });
  const placing = { carts, buyers, productCatalog, payments, newOrderId, now };
  const orders = createOrdersService({ ...repositories, ...placing });
  const saga = createOrderSagaService({ ...repositories, payments, log, now });
  const accountDeletion = createAccountDeletionService({ ...repositories, saga, log, now });
  const orderStream = createOrderStream({
    ...repositories,
    waitForNextPoll: () => sleep(STREAM_POLL_MS),
    log,
  });

  broker.relay(outbox, orderEvents);
  broker.consume(stockConsumer(saga));
  broker.consume(userConsumer(repositories.buyers, accountDeletion));

  const job = { lock: reconciliationLock, saga, accountDeletion, pendingMs: config.ORDER_TIMEOUT_MS };
  const run = createReconcileOrdersJob({ ...repositories, ...job, log, now });
  lifecycle.add(createPeriodicJob({ run, intervalMs: config.SWEEP_EVERY_MS, logger: log }));
  lifecycle.add({ name: 'order streams', onDrain: async () => orderStream.close() });

  return createHttpApp({
    service: chassis,
    authenticate,
    dependencyErrors: { 'The database': isMongoOutage },
    routes: [
      ...cartRoutes(carts),
      ...checkoutRoutes(orders),
      ...orderRoutes(orders, saga),
      ...orderStreamRoutes(orders, orderStream),
    ],
  });
}

import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import { startInProcess } from '@plaza/service-kit/testing';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp, type OrdersAppDependencies } from '../src/app.ts';
import { configSchema } from '../src/config.ts';
import type { StubServices } from './stub-services.ts';

export { eventually } from '@plaza/local-stack/testing';
export { fakeClock } from '@plaza/service-kit/testing';

/** Where replicas of one service keep things and tell them. */
export async function testStores() {
  return { MONGODB_URI: (await testMongo()).uri, RABBITMQ_URL: (await testRabbit()).url };
}

export type StoreUrls = Awaited<ReturnType<typeof testStores>>;

export interface StartOrdersOptions {
  readonly stubServices: StubServices;
  /** Default: a database and a broker of its own. */
  readonly stores?: StoreUrls;
  readonly environment?: Readonly<Record<string, string>>;
  readonly dependencies?: OrdersAppDependencies;
}

/** One replica of the orders service. */
export async function startOrders({
  stubServices,
  stores,
  environment = {},
  dependencies = {},
}: StartOrdersOptions) {
  const set = {
    ...(stores ?? (await testStores())),
    USERS_SERVICE_URL: stubServices.url,
    POSTS_SERVICE_URL: stubServices.url,
    SERVICE_SECRET: 'a secret of the tests',
    SWEEP_EVERY_MS: '50',
    SLOW_PAYMENT_MS: '500',
    ...environment,
  };
  const service = await startInProcess(configSchema, set, (chassis) => createApp(chassis, dependencies));
  await service.started;
  return { ...service, http: request(service.url) };
}

export type Orders = Awaited<ReturnType<typeof startOrders>>;

let people = 0;

/** A signed-in user. */
export async function createTestUser(stubServices: StubServices, scope = 'user') {
  people += 1;
  const id = `person${people}`;
  return { id, headers: { Authorization: `Bearer ${await stubServices.accessToken(id, scope)}` } };
}

/** The documents as the database has them. */
export async function openDatabase({ MONGODB_URI }: StoreUrls) {
  const connection = await mongoose.createConnection(MONGODB_URI).asPromise();
  return {
    collection: (name: string) => connection.collection<{ _id: string; [field: string]: unknown }>(name),
    close: () => connection.close(),
  };
}

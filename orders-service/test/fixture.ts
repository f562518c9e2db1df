import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import { startInProcess } from '@plaza/service-kit/testing';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp, type Outside } from '../src/app.ts';
import { configSchema } from '../src/config.ts';
import type { Neighbours } from './neighbours.ts';

export { eventually } from '@plaza/local-stack/testing';
export { handClock } from '@plaza/service-kit/testing';

/** Where replicas of one service keep things and tell them. */
export async function testStores() {
  return { MONGODB_URI: (await testMongo()).uri, RABBITMQ_URL: (await testRabbit()).url };
}

export type Stores = Awaited<ReturnType<typeof testStores>>;

export interface Options {
  readonly neighbours: Neighbours;
  /** Default: a database and a broker of its own. */
  readonly stores?: Stores;
  readonly environment?: Readonly<Record<string, string>>;
  readonly outside?: Outside;
}

/** One replica of the orders service. */
export async function startOrders({ neighbours, stores, environment = {}, outside = {} }: Options) {
  const set = {
    ...(stores ?? (await testStores())),
    USERS_SERVICE_URL: neighbours.url,
    POSTS_SERVICE_URL: neighbours.url,
    SERVICE_SECRET: 'a secret of the tests',
    SWEEP_EVERY_MS: '50',
    SLOW_PAYMENT_MS: '500',
    ...environment,
  };
  const service = await startInProcess(configSchema, set, (chassis) => createApp(chassis, outside));
  await service.started;
  return { ...service, http: request(service.url) };
}

export type Orders = Awaited<ReturnType<typeof startOrders>>;

let people = 0;

/** Somebody who is signed in. */
export async function person(neighbours: Neighbours, scope = 'user') {
  people += 1;
  const id = `person${people}`;
  return { id, headers: { Authorization: `Bearer ${await neighbours.accessToken(id, scope)}` } };
}

/** The documents as the database has them. */
export async function openDatabase({ MONGODB_URI }: Stores) {
  const connection = await mongoose.createConnection(MONGODB_URI).asPromise();
  return {
    collection: (name: string) => connection.collection<{ _id: string; [field: string]: unknown }>(name),
    close: () => connection.close(),
  };
}

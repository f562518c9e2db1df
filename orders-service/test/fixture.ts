import { createChassis, listen, readConfig, type Logger } from '@plaza/service-kit';
import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp, type Outside } from '../src/app.ts';
import { configSchema } from '../src/config.ts';
import type { Neighbours } from './neighbours.ts';

export { eventually } from '@plaza/local-stack/testing';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

function recorder(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}) => {
      lines.push({ level, message, fields });
    };
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  return { logger, lines };
}

/** A clock that starts at the real time and is moved by hand. */
export function handClock() {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    advance: (ms: number) => {
      ahead += ms;
    },
  };
}

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
  const { logger, lines } = recorder();
  const config = readConfig(configSchema, {
    NODE_ENV: 'test',
    DRAIN_MS: '0',
    ...(stores ?? (await testStores())),
    USERS_SERVICE_URL: neighbours.url,
    POSTS_SERVICE_URL: neighbours.url,
    SERVICE_SECRET: 'a secret of the tests',
    SWEEP_EVERY_MS: '50',
    SLOW_PAYMENT_MS: '500',
    ...environment,
  });
  const chassis = createChassis(config, logger);
  const server = await listen(createApp(chassis, outside), 0, '127.0.0.1', 0);
  await chassis.lifecycle.start();
  const url = `http://127.0.0.1:${server.port}`;
  return { url, http: request(url), lines, stop: () => chassis.lifecycle.stop(server.close) };
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

import { createChassis, createServiceTokens, listen, readConfig, type Logger } from '@plaza/service-kit';
import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp, type Outside } from '../src/app.ts';
import { configSchema } from '../src/config.ts';
import type { PostDocument } from '../src/data/post.document.ts';

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

/** A logger that keeps what it is told. */
export function recorder(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}) => {
      lines.push({ level, message, fields });
    };
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  return { logger, lines };
}

export interface Options {
  readonly usersUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly outside?: Outside;
}

/** One replica of the posts service on the test file's own database and virtual host. */
export async function startPosts({ usersUrl, environment = {}, outside = {} }: Options) {
  const { logger, lines } = recorder();
  const config = readConfig(configSchema, {
    NODE_ENV: 'test',
    DRAIN_MS: '0',
    MONGODB_URI: environment['MONGODB_URI'] ?? (await testMongo()).uri,
    RABBITMQ_URL: environment['RABBITMQ_URL'] ?? (await testRabbit()).url,
    USERS_SERVICE_URL: usersUrl,
    SERVICE_SECRET: SECRET,
    ...environment,
  });
  const chassis = createChassis(config, logger);
  const server = await listen(createApp(chassis, outside), 0, '127.0.0.1', 0);
  const started = chassis.lifecycle.start();
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    http: request(url),
    lines,
    config,
    chassis,
    /** Resolves when the service is ready. */
    started,
    stop: () => chassis.lifecycle.stop(server.close),
  };
}

export type Posts = Awaited<ReturnType<typeof startPosts>>;

export const SECRET = 'a secret of the tests';

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** The headers of a call by another service. */
export const asService = async () => bearer(await createServiceTokens('orders-service', SECRET).issue());

/** What a person would write. */
export const bicycle = {
  title: 'Red bicycle',
  content: 'Nearly new, 28 inches.',
  tags: ['sport'],
  offer: { price: { amount: 12_500, currency: 'EUR' }, stock: 3 },
};

/** The documents as the database has them. */
export async function openDatabase(uri: string) {
  const connection = await mongoose.createConnection(uri).asPromise();
  const collection = (name: string) => connection.collection<{ _id: string; [field: string]: unknown }>(name);
  return {
    posts: connection.collection<PostDocument>('posts'),
    authors: collection('authors'),
    reservations: collection('reservations'),
    close: () => connection.close(),
  };
}

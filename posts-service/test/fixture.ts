import { testMongo, testRabbit } from '@plaza/local-stack/testing';
import { createServiceTokens } from '@plaza/service-kit';
import { startInProcess } from '@plaza/service-kit/testing';
import mongoose from 'mongoose';
import request from 'supertest';
import { createApp, type PostsAppDependencies } from '../src/app.ts';
import { configSchema } from '../src/config.ts';
import type { PostDocument } from '../src/data/post.document.ts';

export { recordingLogger } from '@plaza/service-kit/testing';

export interface StartPostsOptions {
  readonly usersUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly dependencies?: PostsAppDependencies;
}

/** One replica of the posts service on the test file's own database and virtual host. */
export async function startPosts({ usersUrl, environment = {}, dependencies = {} }: StartPostsOptions) {
  const set = {
    MONGODB_URI: environment['MONGODB_URI'] ?? (await testMongo()).uri,
    RABBITMQ_URL: environment['RABBITMQ_URL'] ?? (await testRabbit()).url,
    USERS_SERVICE_URL: usersUrl,
    SERVICE_SECRET: SECRET,
    ...environment,
  };
  const service = await startInProcess(configSchema, set, (chassis) => createApp(chassis, dependencies));
  return { ...service, http: request(service.url) };
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

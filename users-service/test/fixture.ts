import { startInProcess } from '@plaza/service-kit/testing';
import type { OutboxDocument } from '@plaza/messaging';
import { testMongo, testRabbit, testRedis } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import request from 'supertest';
import { z } from 'zod';
import { createApp, type UsersAppDependencies } from '../src/app.ts';
import { configSchema } from '../src/config.ts';

export { fakeClock } from '@plaza/service-kit/testing';

export interface StartUsersOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly dependencies?: UsersAppDependencies;
}

/** A users service on a database and a Redis of its own, or on those of `environment`: a replica. */
export async function startUsers({ environment = {}, dependencies = {} }: StartUsersOptions = {}) {
  const set = {
    MONGODB_URI: environment['MONGODB_URI'] ?? (await testMongo()).uri,
    REDIS_URL: environment['REDIS_URL'] ?? (await testRedis()).url,
    RABBITMQ_URL: environment['RABBITMQ_URL'] ?? (await testRabbit()).url,
    SERVICE_SECRET: SECRET,
    ...environment,
  };
  const service = await startInProcess(configSchema, set, (chassis) => createApp(chassis, dependencies));
  const { MONGODB_URI, REDIS_URL, RABBITMQ_URL } = service.config;
  return {
    ...service,
    http: request(service.url),
    /** The environment of a replica. */
    servers: { MONGODB_URI, REDIS_URL, RABBITMQ_URL },
  };
}

/** A port without a listener: unpublished events stay in the outboxes. */
export const NO_BROKER = { RABBITMQ_URL: 'amqp://127.0.0.1:9' };

export const SECRET = 'a secret of the tests';
export const PASSWORD = 'correct horse battery';

type Http = Awaited<ReturnType<typeof startUsers>>['http'];

let people = 0;

/** The body of a new user's registration. */
export function newUserInput(): { username: string; email: string; password: string } {
  people += 1;
  return { username: `person${people}`, email: `person${people}@example.com`, password: PASSWORD };
}

const registered = z.object({ id: z.string(), username: z.string(), email: z.string(), name: z.string() });
const tokens = z.object({ accessToken: z.string(), refreshToken: z.string() });

export async function register(http: Http, input: object = newUserInput()) {
  const response = await http.post('/users').send(input).expect(201);
  return registered.parse(response.body);
}

export async function login(http: Http, username: string, password = PASSWORD) {
  const response = await http.post('/auth/login').send({ login: username, password }).expect(200);
  const { accessToken, refreshToken } = tokens.parse(response.body);
  return { accessToken, refreshToken, headers: bearer(accessToken) };
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** A registered and signed-in user. */
export async function createSignedInUser(http: Http) {
  const user = await register(http);
  return { ...user, ...(await login(http, user.username)) };
}

interface StoredUser extends OutboxDocument {
  readonly passwordHash?: string;
}

/** The documents as the database has them. */
export async function openDatabase(uri: string) {
  const connection = await mongoose.createConnection(uri).asPromise();
  return {
    connection,
    users: connection.collection<StoredUser>('users'),
    close: () => connection.close(),
  };
}

/**
 * The least milliseconds that each of some works takes in five rounds. They take turns, so that what else
 * the machine does hits all alike, and the least is what it cannot add to.
 */
export async function measureFastest(...works: (() => Promise<unknown>)[]): Promise<number[]> {
  const least = works.map(() => Infinity);
  for (let round = 0; round < 5; round += 1) {
    for (const [index, work] of works.entries()) {
      const started = performance.now();
      await work();
      least[index] = Math.min(least[index] ?? Infinity, performance.now() - started);
    }
  }
  return least;
}

import { startStack, testMongo, type Stack } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import { createGatewayClient, type GatewayClient } from '../seed/gateway-client.ts';

/** The services with a database and events. */
const STATEFUL_SERVICES = ['users-service', 'posts-service', 'orders-service'] as const;
export type StatefulService = (typeof STATEFUL_SERVICES)[number];

/** Deviations of a test's system from the default. */
export interface TestSystemOptions {
  /** The number of processes, by service name. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Environment variables, by service name. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** All services, without rate limits, on a broker and databases that the test can read. */
export interface TestSystem {
  readonly stack: Stack;
  readonly gateway: GatewayClient;
  /** The database URI of each service. */
  readonly databases: Readonly<Record<StatefulService, string>>;
}

export async function startTestSystem(
  rabbitUrl: string,
  { replicas = {}, environment = {} }: TestSystemOptions = {},
): Promise<TestSystem> {
  const databases = {
    'users-service': (await testMongo()).uri,
    'posts-service': (await testMongo()).uri,
    'orders-service': (await testMongo()).uri,
  };
  const own = (name: string) => environment[name] ?? {};
  const stateful = STATEFUL_SERVICES.map((name) => [
    name,
    { MONGODB_URI: databases[name], RABBITMQ_URL: rabbitUrl, ...own(name) },
  ]);
  const stack = await startStack(
    {
      ...environment,
      ...Object.fromEntries(stateful),
      'api-gateway': {
        RATE_LIMIT_ANONYMOUS: 'off',
        RATE_LIMIT_USER: 'off',
        PUBLIC_METRICS: 'on',
        ...own('api-gateway'),
      },
    },
    { ...replicas },
  );
  return { stack, databases, gateway: createGatewayClient(stack.gateway.url) };
}

/** The number of documents with unconfirmed events, by collection, without zeros. */
export async function countUnsentEvents(uri: string): Promise<Record<string, number>> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    const counts: Record<string, number> = {};
    for (const { name } of await connection.listCollections()) {
      const count = await connection.collection(name).countDocuments({ outboxSince: { $exists: true } });
      if (count > 0) counts[name] = count;
    }
    return counts;
  } finally {
    await connection.close();
  }
}

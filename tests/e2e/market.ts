import { startStack, testMongo, type Stack } from '@plaza/local-stack/testing';
import mongoose from 'mongoose';
import { gatewayAt, type Gateway } from '../seed/gateway.ts';

/** The services that keep documents and publish events. */
const KEEPERS = ['users-service', 'posts-service', 'orders-service'] as const;
export type Keeper = (typeof KEEPERS)[number];

/** How a test wants its market, where that is not as everybody has it. */
export interface MarketOptions {
  /** How many processes of a service there are, by its name. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** By service. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** All services on a broker and databases that the test can look into, and nobody's rate limited. */
export interface Market {
  readonly stack: Stack;
  readonly gateway: Gateway;
  /** The URI of each service's database. */
  readonly databases: Readonly<Record<Keeper, string>>;
}

export async function startMarket(
  rabbitUrl: string,
  { replicas = {}, environment = {} }: MarketOptions = {},
): Promise<Market> {
  const databases = {
    'users-service': (await testMongo()).uri,
    'posts-service': (await testMongo()).uri,
    'orders-service': (await testMongo()).uri,
  };
  const own = (name: string) => environment[name] ?? {};
  const keepers = KEEPERS.map((name) => [
    name,
    { MONGODB_URI: databases[name], RABBITMQ_URL: rabbitUrl, ...own(name) },
  ]);
  const stack = await startStack(
    {
      ...environment,
      ...Object.fromEntries(keepers),
      'api-gateway': {
        RATE_LIMIT_ANONYMOUS: 'off',
        RATE_LIMIT_USER: 'off',
        PUBLIC_METRICS: 'on',
        ...own('api-gateway'),
      },
    },
    { ...replicas },
  );
  return { stack, databases, gateway: gatewayAt(stack.gateway.url) };
}

/** How many documents of a service have events that the broker has not confirmed, by collection, without zeros. */
export async function unsent(uri: string): Promise<Record<string, number>> {
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

import { randomBytes } from 'node:crypto';
import { runMongoCommand } from '../servers/mongodb.ts';
import {
  callManagementApi,
  managementApiOfBroker,
  managementApiAtPorts,
} from '../servers/rabbitmq-management.ts';
import { sendRedisCommand, redisDatabaseCount } from '../servers/redis.ts';
import { withDatabase } from '../services/environment.ts';
import { StackError } from '../stack-error.ts';
import type { ServerName } from '../servers/server.ts';
import type { TestNamespace } from './ipc-protocol.ts';
import type { SharedServer } from './shared-servers.ts';

/** A part of a shared server for one test file only. */
export interface OwnedNamespace {
  readonly namespace: TestNamespace;
  readonly release: () => Promise<unknown>;
}

/** Creates a namespace in a server: a logical database of Redis, a database of MongoDB, a virtual host of RabbitMQ. */
export type CreateNamespace = (server: SharedServer) => Promise<OwnedNamespace>;

export function createNamespaceFactories(): Readonly<Record<ServerName, CreateNamespace>> {
  return {
    redis: createRedisNamespaceFactory(),
    mongodb: createMongoNamespace,
    rabbitmq: createRabbitNamespace,
  };
}

function createRedisNamespaceFactory(): CreateNamespace {
  const held = new Set<number>();
  return async (server) => {
    // Only empty databases are used, so that data in a Redis of the environment stays untouched.
    const count = server.ports === undefined ? 16 : redisDatabaseCount;
    for (let number = 1; number < count; number += 1) {
      if (held.has(number)) continue;
      held.add(number);
      const url = `${server.url.replace(/\/\d*$/, '')}/${number}`;
      if ((await sendRedisCommand(url, 'DBSIZE')) !== ':0') continue;
      const release = async (): Promise<void> => {
        await sendRedisCommand(url, 'FLUSHDB');
        held.delete(number);
      };
      return { namespace: { url }, release };
    }
    throw new StackError(`Redis has no empty database left among its ${count}.`);
  };
}

async function createMongoNamespace(server: SharedServer): Promise<OwnedNamespace> {
  const database = `test_${createRandomName()}`;
  return {
    namespace: { url: withDatabase(server.url, database) },
    release: () => runMongoCommand(server.url, database, { dropDatabase: 1 }),
  };
}

async function createRabbitNamespace({ url, ports }: SharedServer): Promise<OwnedNamespace> {
  const management = ports === undefined ? managementApiOfBroker(url) : managementApiAtPorts(ports);
  const vhost = `test-${createRandomName()}`;
  const all = { configure: '.*', write: '.*', read: '.*' };
  await callManagementApi(management, 'PUT', `/vhosts/${vhost}`);
  await callManagementApi(
    management,
    'PUT',
    `/permissions/${vhost}/${encodeURIComponent(management.user)}`,
    all,
  );
  return {
    namespace: { url: url.replace(/(\/\/[^/?]+).*$/, `$1/${vhost}`), vhost, management },
    release: () => callManagementApi(management, 'DELETE', `/vhosts/${vhost}`),
  };
}

function createRandomName(): string {
  return randomBytes(6).toString('hex');
}

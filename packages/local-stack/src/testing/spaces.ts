import { randomBytes } from 'node:crypto';
import { mongoCommand } from '../servers/mongodb.ts';
import { managementCall, managementFrom, managementOf } from '../servers/rabbitmq-management.ts';
import { redisCall, redisDatabases } from '../servers/redis.ts';
import { databaseUri } from '../services/environment.ts';
import { StackError } from '../stack-error.ts';
import type { ServerName } from '../servers/server.ts';
import type { Space } from './protocol.ts';
import type { SharedServer } from './shared-servers.ts';

/** A part of a shared server that one test file has for itself. */
export interface OwnSpace {
  readonly space: Space;
  readonly release: () => Promise<unknown>;
}

/** Makes an own space in a server: a logical database of Redis, a database of MongoDB, a virtual host of RabbitMQ. */
export type MakeSpace = (server: SharedServer) => Promise<OwnSpace>;

export function createSpaces(): Readonly<Record<ServerName, MakeSpace>> {
  return { redis: redisSpaces(), mongodb: mongoSpace, rabbitmq: rabbitSpace };
}

function redisSpaces(): MakeSpace {
  const held = new Set<number>();
  return async (server) => {
    // Only what is empty is handed out: whatever is in a Redis of the environment stays untouched.
    const count = server.ports === undefined ? 16 : redisDatabases;
    for (let number = 1; number < count; number += 1) {
      if (held.has(number)) continue;
      held.add(number);
      const url = `${server.url.replace(/\/\d*$/, '')}/${number}`;
      if ((await redisCall(url, 'DBSIZE')) !== ':0') continue;
      const release = async (): Promise<void> => {
        await redisCall(url, 'FLUSHDB');
        held.delete(number);
      };
      return { space: { url }, release };
    }
    throw new StackError(`Redis has no empty database left among its ${count}.`);
  };
}

async function mongoSpace(server: SharedServer): Promise<OwnSpace> {
  const database = `test_${randomName()}`;
  return {
    space: { url: databaseUri(server.url, database) },
    release: () => mongoCommand(server.url, database, { dropDatabase: 1 }),
  };
}

async function rabbitSpace({ url, ports }: SharedServer): Promise<OwnSpace> {
  const management = ports === undefined ? managementFrom(url) : managementOf(ports);
  const vhost = `test-${randomName()}`;
  const all = { configure: '.*', write: '.*', read: '.*' };
  await managementCall(management, 'PUT', `/vhosts/${vhost}`);
  await managementCall(
    management,
    'PUT',
    `/permissions/${vhost}/${encodeURIComponent(management.user)}`,
    all,
  );
  return {
    space: { url: url.replace(/(\/\/[^/?]+).*$/, `$1/${vhost}`), vhost, management },
    release: () => managementCall(management, 'DELETE', `/vhosts/${vhost}`),
  };
}

function randomName(): string {
  return randomBytes(6).toString('hex');
}

import type { Redis } from 'ioredis';
import { MemoryStore, type IncrementResponse, type Options, type Store } from 'express-rate-limit';
import { RedisStore, type RedisReply } from 'rate-limit-redis';
import type { Logger } from '@plaza/service-kit';

/** Milliseconds for which a Redis that failed is left alone: one that hangs must not hold up every request. */
const LEFT_ALONE_MS = 1_000;

/** Counters that all gateways share in Redis; while it is away, each gateway counts for itself. */
export interface SharedCounting {
  /** A store for one limit. */
  store(name: string): Store;
}

export function createSharedCounting(
  redis: Redis | undefined,
  logger: Logger,
  now: () => number = Date.now,
): SharedCounting {
  let alone = false;
  let triedAgainAt = 0;

  async function shared<T>(count: () => Promise<T>): Promise<T | undefined> {
    if (redis?.status !== 'ready' || now() < triedAgainAt) return leftAlone('it is not connected');
    try {
      const counted = await count();
      if (alone) logger.info('rate limits are counted in Redis again');
      alone = false;
      return counted;
    } catch (error) {
      triedAgainAt = now() + LEFT_ALONE_MS;
      return leftAlone(String(error));
    }
  }

  function leftAlone(reason: string): undefined {
    if (!alone) logger.warn('rate limits are counted by this gateway alone until Redis is back', { reason });
    alone = true;
  }

  return { store: (name) => createStore(redis, name, shared) };
}

type Shared = <T>(count: () => Promise<T>) => Promise<T | undefined>;

function createStore(redis: Redis | undefined, name: string, shared: Shared): Store {
  const local = new MemoryStore();
  const remote = new RedisStore({
    prefix: `gateway:limit:${name}:`,
    sendCommand: (command, ...args) => send(redis, command, args),
  });
  let settings: Options | undefined;
  let loaded = false;

  /** The store keeps the outcome of loading its script, and a failure for ever: it is loaded anew after one. */
  async function incrementRemote(key: string): Promise<IncrementResponse> {
    try {
      if (!loaded && settings !== undefined) await remote.init(settings);
      loaded = true;
      return await remote.increment(key);
    } catch (error) {
      loaded = false;
      throw error;
    }
  }

  return {
    prefix: remote.prefix,
    init: (options) => {
      settings = options;
      local.init(options);
    },
    increment: async (key) => (await shared(() => incrementRemote(key))) ?? local.increment(key),
    decrement: (key) => local.decrement(key),
    resetKey: (key) => local.resetKey(key),
    shutdown: () => local.shutdown(),
  };
}

async function send(redis: Redis | undefined, command: string, args: readonly string[]): Promise<RedisReply> {
  if (redis === undefined) throw new TypeError('There is no Redis to count in.');
  const reply = await redis.call(command, ...args);
  if (!isReply(reply)) throw new TypeError(`Redis answers ${command} with ${typeof reply}`);
  return reply;
}

function isReply(reply: unknown): reply is RedisReply {
  return Array.isArray(reply) ? reply.every(isDatum) : isDatum(reply);
}

function isDatum(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

import type { Component } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { CHANGES } from './scripts/redis-keys.ts';

/** Calls `onChange` when a replica changed something, and when Redis is back. Only hints: some are lost. */
export function createChangeSubscriber(redis: Redis, onChange: () => void): Component {
  const subscriber = redis.duplicate({ autoResubscribe: false });
  // The connection that asks logs what is wrong with Redis; this one would only repeat it.
  subscriber.on('error', () => undefined);
  subscriber.on('message', onChange);
  subscriber.on('ready', () => {
    subscriber.subscribe(CHANGES).then(onChange, () => undefined);
  });
  return {
    name: 'change hints',
    start: async () => {
      subscriber.connect().catch(() => undefined);
    },
    close: async () => subscriber.disconnect(),
  };
}

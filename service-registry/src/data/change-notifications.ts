import type { Component } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { CHANGES } from './scripts/redis-keys.ts';

/**
 * Calls `onChange` when a replica has changed something, and when Redis is back. Notifications are hints only: pub/sub
 * loses those that are sent while this subscriber is not connected.
 */
export function createChangeSubscriber(redis: Redis, onChange: () => void): Component {
  const subscriber = redis.duplicate({ autoResubscribe: false });
  redis.on('ready', onChange);
  // The main connection logs why Redis is away; this one would only repeat it.
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

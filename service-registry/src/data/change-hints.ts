import type { Component } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import { CHANGES } from './scripts/keys.ts';

/** Calls `changed` when a replica changed something, and when Redis is back. Only hints: some are lost. */
export function createChangeHints(redis: Redis, changed: () => void): Component {
  const subscriber = redis.duplicate({ autoResubscribe: false });
  // The connection that asks logs what is wrong with Redis; this one would only repeat it.
  subscriber.on('error', () => undefined);
  subscriber.on('message', changed);
  subscriber.on('ready', () => {
    subscriber.subscribe(CHANGES).then(changed, () => undefined);
  });
  return {
    name: 'change hints',
    start: async () => {
      subscriber.connect().catch(() => undefined);
    },
    close: async () => subscriber.disconnect(),
  };
}

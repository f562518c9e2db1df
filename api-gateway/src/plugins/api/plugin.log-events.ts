import { logEvent } from '@plaza/errors';

export const pluginMessage = logEvent({
  event: 'plugin_message',
  level: 'info',
  message: 'The text of a custom plugin; its level is the one that the plugin chose',
  fields: {},
});

export const pluginRedisLost = logEvent({
  event: 'plugin_redis_lost',
  level: 'warn',
  message: 'The Redis server of a plugin is not available; the client reconnects',
  fields: { plugin: 'name of the plugin', reason: 'message of the first error' },
});

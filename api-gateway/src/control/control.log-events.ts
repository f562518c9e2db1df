import { logEvent } from '@plaza/errors';

export const adminApiListening = logEvent({
  event: 'admin_api_listening',
  level: 'info',
  message: 'The Admin API listens',
  fields: { host: 'address', port: 'TCP port' },
});

export const adminApiListenFailed = logEvent({
  event: 'admin_api_listen_failed',
  level: 'error',
  message: 'The Admin API cannot listen; the gateway runs without it',
  fields: { host: 'address', port: 'TCP port', error: 'what failed' },
});

export const adminApiUnprotected = logEvent({
  event: 'admin_api_unprotected',
  level: 'warn',
  message: 'The Admin API listens on a public address without a token; set ADMIN_TOKEN',
  fields: { host: 'address' },
});

export const configRejected = logEvent({
  event: 'config_rejected',
  level: 'error',
  message: 'A configuration was rejected; the last good one stays active',
  fields: { source: 'file or admin', path: 'path of the file', mistakes: 'all mistakes' },
});

export const configActivated = logEvent({
  event: 'config_activated',
  level: 'info',
  message: 'A configuration is active',
  fields: { source: 'file or admin', hash: 'hash of the configuration' },
});

export const overridesRestored = logEvent({
  event: 'overrides_restored',
  level: 'warn',
  message: 'Redis had lost the settings of the Admin API; the gateway wrote them again',
  fields: { fields: 'names of the settings' },
});

export const overridesShared = logEvent({
  event: 'overrides_shared',
  level: 'info',
  message: 'Settings of the Admin API were written to Redis for the other gateways',
  fields: { fields: 'names of the settings' },
});

export const overridesReadFailed = logEvent({
  event: 'overrides_read_failed',
  level: 'debug',
  message: 'The settings of the Admin API could not be read from Redis; the next poll tries again',
  fields: { error: 'what failed' },
});

export const overridesNotShared = logEvent({
  event: 'overrides_not_shared',
  level: 'warn',
  message: 'Redis is not available; a setting applies to this process only until it is back',
  fields: { field: 'name of the setting' },
});

export const pluginCloseFailed = logEvent({
  event: 'plugin_close_failed',
  level: 'error',
  message: 'A plugin failed to close',
  fields: { plugin: 'name of the plugin', error: 'what failed' },
});

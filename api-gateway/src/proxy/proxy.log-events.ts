import { logEvent } from '@plaza/errors';

export const pluginLogFailed = logEvent({
  event: 'plugin_log_failed',
  level: 'error',
  message: 'A plugin failed in its log phase',
  fields: { plugin: 'name of the plugin', error: 'what failed' },
});

export const pluginBodyFilterFailed = logEvent({
  event: 'plugin_body_filter_failed',
  level: 'error',
  message: 'A plugin failed in a body filter; it sees no more of this body',
  fields: { plugin: 'name of the plugin', error: 'what failed' },
});

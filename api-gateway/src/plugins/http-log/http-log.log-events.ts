import { logEvent } from '@plaza/errors';

export const httpLogDropped = logEvent({
  event: 'http_log_dropped',
  level: 'warn',
  message: 'The http-log plugin dropped log entries',
  fields: {
    plugin: 'name of the plugin',
    entries: 'number of entries since the last line',
    reason: 'last reason',
  },
});

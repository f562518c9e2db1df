import { logEvent } from '@plaza/errors';

export const fileLogFailed = logEvent({
  event: 'file_log_failed',
  level: 'warn',
  message: 'The file-log plugin cannot write its file; entries are lost',
  fields: { plugin: 'name of the plugin', path: 'path of the file', reason: 'first reason' },
});

export const fileLogRestored = logEvent({
  event: 'file_log_restored',
  level: 'info',
  message: 'The file-log plugin writes its file again',
  fields: { plugin: 'name of the plugin', path: 'path of the file', lost: 'number of lost entries' },
});

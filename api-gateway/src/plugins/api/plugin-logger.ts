import type { EventLog, LogEvent, LogFields, LogLevel } from '@plaza/errors';
import { pluginMessage } from './plugin.log-events.ts';

type PluginLogMethod<Level extends LogLevel> = EventLog[Level] &
  ((message: string, fields?: Readonly<Record<string, unknown>>) => void);

/** The gateway's log. A custom plugin, which has no log events of its own, may write a text. */
export interface PluginLogger extends EventLog {
  readonly error: PluginLogMethod<'error'>;
  readonly warn: PluginLogMethod<'warn'>;
  readonly info: PluginLogMethod<'info'>;
  readonly debug: PluginLogMethod<'debug'>;
}

export function createPluginLogger(logger: EventLog): PluginLogger {
  const toEvent = <Level extends LogLevel>(level: Level, event: string | LogEvent<Level>): LogEvent<Level> =>
    typeof event === 'string' ? { ...pluginMessage, level, message: event } : event;
  return {
    error: (event: string | LogEvent<'error'>, fields?: LogFields<string>) =>
      logger.error(toEvent('error', event), fields),
    warn: (event: string | LogEvent<'warn'>, fields?: LogFields<string>) =>
      logger.warn(toEvent('warn', event), fields),
    info: (event: string | LogEvent<'info'>, fields?: LogFields<string>) =>
      logger.info(toEvent('info', event), fields),
    debug: (event: string | LogEvent<'debug'>, fields?: LogFields<string>) =>
      logger.debug(toEvent('debug', event), fields),
  };
}

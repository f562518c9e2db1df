export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * A kind of log line. `*.log-events.ts` files declare all of them, and docs/log-events.md lists them.
 * `event` is stable (snake_case, never reused): dashboards and alerts search for it.
 */
export interface LogEvent<Level extends LogLevel = LogLevel, Field extends string = string> {
  readonly event: string;
  readonly level: Level;
  /** One sentence, the same in every line: what varies is in the fields. */
  readonly message: string;
  /** What each field of the line means. */
  readonly fields: Readonly<Record<Field, string>>;
}

/** Declares a log event; the type of what it returns has the level and the names of the fields. */
export function logEvent<const Level extends LogLevel, Field extends string>(
  event: LogEvent<Level, Field>,
): LogEvent<Level, Field> {
  return event;
}

/** A line may lack fields, but has none that its event does not document. */
export type LogFields<Field extends string> = [Field] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Name in Field]?: unknown };

type LogMethod<Level extends LogLevel> = <Field extends string>(
  event: LogEvent<Level, Field>,
  fields?: LogFields<NoInfer<Field>>,
) => void;

/** Writes log lines. A domain takes it as a port: `Pick<EventLog, 'warn'>`. */
export interface EventLog {
  readonly error: LogMethod<'error'>;
  readonly warn: LogMethod<'warn'>;
  readonly info: LogMethod<'info'>;
  readonly debug: LogMethod<'debug'>;
}

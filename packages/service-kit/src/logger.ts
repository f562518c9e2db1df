import { Writable } from 'node:stream';
import type { EventLog, LogEvent, LogLevel } from '@plaza/errors';
import winston from 'winston';
import { createAccessLogFormatter, type AccessLogFormatter } from './access-log-formatter.ts';
import { createBufferedStdout, type BufferedStdout } from './buffered-stdout.ts';
import { plainError, redact } from './redact.ts';
import { currentContext } from './correlation-context.ts';

/** The part of winston that Plaza's code depends on, so that a test can hand in its own. */
export interface Logger extends EventLog {
  /** `info` for the two lines of every request: cheaper, and where a logger has no such way, `info` serves. */
  access?: AccessLogFormatter;
}

export interface LoggerOptions {
  readonly service: string;
  readonly version: string;
  readonly level: LogLevel;
  /** One JSON object a line, or lines for a person. Default: `pretty` on a terminal, else `json`. */
  readonly format?: 'json' | 'pretty' | undefined;
  /** A file to write JSON to as well; rotated at 10 MB, five are kept. */
  readonly file?: string | undefined;
  /** Which of several processes that are one service. */
  readonly worker?: number | undefined;
}

const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];
const FILE_BYTES = 10 * 1024 * 1024;
const FILES_KEPT = 5;

/** A winston logger: level, timestamp, service, version, the request's id, and no secrets. JSON leaves in batches. */
export function createLogger(options: LoggerOptions): Logger {
  const pretty = (options.format ?? (process.stdout.isTTY ? 'pretty' : 'json')) === 'pretty';
  const base = winston.format.combine(contextFormat(), winston.format.timestamp(), redactFormat());
  const writer = pretty ? undefined : createBufferedStdout();
  const transports: winston.transport[] = [
    writer === undefined
      ? new winston.transports.Console({ format: prettyFormat() })
      : bufferedTransport(writer),
  ];
  if (options.file !== undefined) {
    transports.push(
      new winston.transports.File({
        filename: options.file,
        format: winston.format.json(),
        maxsize: FILE_BYTES,
        maxFiles: FILES_KEPT,
        tailable: true,
      }),
    );
  }
  const logger = winston.createLogger({
    level: options.level,
    defaultMeta: {
      service: options.service,
      version: options.version,
      ...(options.worker === undefined ? {} : { worker: options.worker }),
    },
    format: base,
    transports,
  });
  const leveled = filterByLevel(logger, options.level, writer);
  if (writer === undefined || options.file !== undefined || options.level === 'error') return leveled;
  if (options.level === 'warn') return leveled;
  const { service, version, worker } = options;
  return { ...leveled, access: createAccessLogFormatter({ service, version, worker }, writer) };
}

function bufferedTransport(writer: BufferedStdout): winston.transport {
  const stream = new Writable({
    decodeStrings: false,
    write: (line: unknown, _encoding, done) => {
      writer.write(String(line));
      done();
    },
  });
  return new winston.transports.Stream({ stream, eol: '', format: winston.format.json() });
}

/** Winston formats a line before it asks whether its level is wanted: 11 µs for each that is thrown away. */
function filterByLevel(
  logger: winston.Logger,
  level: LogLevel,
  writer: BufferedStdout | undefined,
): EventLog {
  const wanted = LEVELS.indexOf(level);
  const nothing = () => undefined;
  const method = (name: LogLevel) =>
    LEVELS.indexOf(name) <= wanted
      ? ({ event, message }: LogEvent, fields?: object) => logger[name](message, { event, ...fields })
      : nothing;
  const urgent = (log: (event: LogEvent, fields?: object) => void) => (event: LogEvent, fields?: object) => {
    log(event, fields);
    writer?.flush();
  };
  const [error, warn] = [urgent(method('error')), urgent(method('warn'))];
  return { error, warn, info: method('info'), debug: method('debug') };
}

const contextFormat = winston.format((info) => {
  const request = currentContext();
  if (request === undefined) return info;
  return Object.assign(info, {
    requestId: info['requestId'] ?? request.requestId,
    ...(request.userId === undefined ? {} : { userId: request.userId }),
  });
});

/** Redacts in place: winston keeps its own facts about the line under symbols, which must stay. */
const redactFormat = winston.format((info) => {
  const error = info['error'];
  if (Error.isError(error)) {
    info['stack'] ??= error.stack;
    info['error'] = { ...plainError(error), stack: undefined };
  }
  return Object.assign(info, redact(info));
});

const COLOURS: Readonly<Record<string, number>> = { error: 31, warn: 33, info: 32, debug: 90 };
const SHOWN_APART = new Set([
  'level',
  'event',
  'message',
  'timestamp',
  'service',
  'version',
  'stack',
  'error',
]);

const prettyFormat = () =>
  winston.format.printf((info) => {
    const colour = process.env['NO_COLOR'] === undefined ? COLOURS[info.level] : undefined;
    const level = info.level.padEnd(5);
    const fields = Object.entries(info)
      .filter(([name, value]) => !SHOWN_APART.has(name) && value !== undefined)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    const time = String(info['timestamp']).slice(11, 23);
    const head = `${time} ${colour === undefined ? level : `\u001B[${colour}m${level}\u001B[0m`} ${String(info.message)}`;
    const stack = typeof info['stack'] === 'string' ? `\n${info['stack']}` : '';
    return [head, ...fields].join(' ') + stack;
  });

import type { RequestListener } from 'node:http';
import type { LogEvent } from '@plaza/errors';
import type { z } from 'zod';
import { readConfig, type BaseConfig } from './config.ts';
import { listen } from './http/server.ts';
import type { Logger } from './logger.ts';
import { createChassis, type Chassis } from './chassis.ts';

export interface RecordedLogLine {
  readonly level: string;
  /** The code of the log event. */
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps its lines. */
export function recordingLogger(): { logger: Logger; lines: RecordedLogLine[] } {
  const lines: RecordedLogLine[] = [];
  const write =
    (level: string) =>
    ({ event, message }: LogEvent, fields: object = {}) => {
      lines.push({ level, event, message, fields: { ...fields } });
    };
  const logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  return { logger, lines };
}

/** A clock that starts at the real time and is moved by hand. */
export function fakeClock() {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    advance: (ms: number) => {
      ahead += ms;
    },
  };
}

export interface InProcessService<Config> {
  readonly url: string;
  readonly config: Config;
  readonly chassis: Chassis<Config>;
  /** What it has logged. */
  readonly lines: readonly RecordedLogLine[];
  /** Resolves when the service is ready. */
  readonly started: Promise<void>;
  stop(): Promise<boolean>;
}

/** Runs a whole service in this process, on a free port of the loopback interface: for tests, which run many. */
export async function startInProcess<Schema extends z.ZodObject & z.ZodType<BaseConfig>>(
  schema: Schema,
  environment: Readonly<Record<string, string>>,
  createApp: (chassis: Chassis<z.output<Schema>>) => RequestListener,
): Promise<InProcessService<z.output<Schema>>> {
  const { logger, lines } = recordingLogger();
  const config = readConfig(schema, { NODE_ENV: 'test', DRAIN_MS: '0', ...environment });
  const chassis = createChassis(config, logger);
  const server = await listen(createApp(chassis), 0, '127.0.0.1', { requestMs: 0 });
  const started = chassis.lifecycle.start();
  return {
    url: `http://127.0.0.1:${server.port}`,
    config,
    chassis,
    lines,
    started,
    stop: () => chassis.lifecycle.stop(server.close),
  };
}

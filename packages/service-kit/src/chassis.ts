import cluster from 'node:cluster';
import type { RequestListener } from 'node:http';
import type { z } from 'zod';
import { disablePretenuring } from './v8-flags.ts';
import { ConfigError, EXIT_CONFIG, readConfig, type BaseConfig } from './config.ts';
import { createHealthCheckRegistry, type HealthCheckRegistry } from './health.ts';
import { listen, type ServerHandlers } from './http/server.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import {
  serverListenFailed,
  serverListening,
  serviceReady,
  serviceStartFailed,
  serviceStopped,
  serviceStopping,
  unhandledRejection,
} from './service-kit.log-events.ts';

/** What every part of a service may use. */
export interface Chassis<Config> {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthCheckRegistry;
  readonly lifecycle: Lifecycle;
}

/** A chassis from a configuration that is read already: for tests, which run many in one process. */
export function createChassis<Config extends BaseConfig>(
  config: Config,
  logger = createServiceLogger(config),
): Chassis<Config> {
  const about = { service: config.SERVICE_NAME, version: config.SERVICE_VERSION };
  const health = createHealthCheckRegistry(about);
  const lifecycle = createLifecycle({
    logger,
    health,
    drainMs: config.DRAIN_MS,
    deadlineMs: config.STOP_DEADLINE_MS,
  });
  return { config, logger, health, lifecycle, metrics: createMetrics(about) };
}

function createServiceLogger(config: BaseConfig): Logger {
  return createLogger({
    service: config.SERVICE_NAME,
    version: config.SERVICE_VERSION,
    level: config.LOG_LEVEL,
    format: config.LOG_FORMAT,
    file: config.LOG_FILE,
    worker: cluster.worker?.id,
  });
}

export interface RunningService {
  readonly port: number;
  /** Resolves when the service is ready; rejects where it never will be: a wrong configuration, a defect. */
  readonly started: Promise<void>;
  /** Drains and stops; resolves with whether everything ended before the deadline. */
  stop(): Promise<boolean>;
}

/** HTTP first, so that `/health/live` answers; then the dependencies; then ready; then known to others. */
export async function runApp(
  chassis: Chassis<BaseConfig>,
  app: RequestListener | ServerHandlers,
): Promise<RunningService> {
  const { config, logger, lifecycle } = chassis;
  const http = await listen(app, config.PORT, config.HOST, {
    headersMs: config.HEADERS_TIMEOUT_MS,
    requestMs: config.REQUEST_TIMEOUT_MS,
  });
  logger.info(serverListening, { port: http.port });
  const started = lifecycle.start();
  started.then(
    () => logger.info(serviceReady, { port: http.port }),
    (error: unknown) => logger.error(serviceStartFailed, { error }),
  );
  const stop = () => {
    http.drain();
    return lifecycle.stop(http.close);
  };
  return { port: http.port, started, stop };
}

/** The main of a service: reads the environment (all mistakes at once, exit 78) and runs the app. */
export async function runService<Schema extends z.ZodObject & z.ZodType<BaseConfig>>(
  schema: Schema,
  createApp: (chassis: Chassis<z.output<Schema>>) => RequestListener | ServerHandlers,
): Promise<void> {
  const chassis = createChassisOrExit(schema);
  await runProcess(chassis, createApp(chassis));
}

/** A chassis from the environment; ends the process (exit 78) with all that is wrong in it. */
export function createChassisOrExit<Schema extends z.ZodObject & z.ZodType<BaseConfig>>(
  schema: Schema,
): Chassis<z.output<Schema>> {
  return createChassis(readConfigOrExit(schema));
}

/**
 * Runs the app as what this process is for, and stops it on SIGTERM or SIGINT (exit 0; 1 where the deadline passed).
 * A start that failed for good ends it too, with the error's own `exitCode` (else 1): a late dependency is
 * waited for and is no such failure.
 */
export async function runProcess(
  chassis: Chassis<BaseConfig>,
  app: RequestListener | ServerHandlers,
): Promise<void> {
  const { logger } = chassis;
  disablePretenuring();
  process.on('unhandledRejection', (error) => logger.error(unhandledRejection, { error }));
  const running = await runApp(chassis, app).catch((error: unknown) => {
    logger.error(serverListenFailed, { error });
    process.exit(1);
  });
  const stop = async (signal: string) => {
    logger.info(serviceStopping, { signal });
    const ended = await running.stop();
    logger.info(serviceStopped);
    process.exitCode = ended ? 0 : 1;
    setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
  running.started.catch(async (error: unknown) => {
    await running.stop();
    setTimeout(() => process.exit(toExitCode(error)), LAST_WORDS_MS);
  });
}

function toExitCode(error: unknown): number {
  return Error.isError(error) && 'exitCode' in error && typeof error.exitCode === 'number'
    ? error.exitCode
    : 1;
}

/** What a logger needs to write its last line before a handle left open is cut off. */
const LAST_WORDS_MS = 200;

function readConfigOrExit<Schema extends z.ZodObject>(schema: Schema): z.output<Schema> {
  try {
    return readConfig(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

import { backoffDelay, settlesWithin } from '@plaza/concurrency';
import { Redis, type Command } from 'ioredis';
import type { HealthCheckRegistry } from './health.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { redisLost, redisRestored } from './service-kit.log-events.ts';

export interface RedisOptions {
  readonly url: string;
  readonly logger: Logger;
  readonly health: HealthCheckRegistry;
  readonly lifecycle: Lifecycle;
  /** Whether the service is unhealthy without it. Default true. */
  readonly required?: boolean;
  /** Whether the service is not ready without it, and its start waits for it. Default: as `required`. */
  readonly affectsReadiness?: boolean;
  /** Milliseconds a command may take. Default 500. */
  readonly commandTimeout?: number;
  /** Whether the commands of one turn of the event loop travel together: cheaper for many, later for one. Default false. */
  readonly autoPipelining?: boolean;
}

const RECONNECT_BACKOFF = { firstMs: 100, maxMs: 2_000 };

/**
 * A client that joins the service's lifecycle and health. Commands fail at once while the server is away:
 * nothing queues up. It reconnects for ever, with backoff.
 */
export function createRedis(options: RedisOptions): Redis {
  const { url, logger, health, lifecycle, required = true, commandTimeout = 500 } = options;
  const { autoPipelining = false, affectsReadiness = required } = options;
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: autoPipelining,
    retryStrategy: (attempt) => backoffDelay(attempt - 1, RECONNECT_BACKOFF),
  });
  setCommandTimeout(redis, commandTimeout);
  let away = false;
  redis.on('error', (error: unknown) => {
    if (!away) logger.warn(redisLost, { reason: String(error) });
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info(redisRestored);
    away = false;
  });
  lifecycle.add({
    name: 'redis',
    start: (signal) => waitForConnection(redis, affectsReadiness, signal),
    close: async () => redis.disconnect(),
  });
  health.add({
    name: 'redis',
    group: 'database',
    required,
    affectsReadiness,
    check: async () => {
      await redis.ping();
      return undefined;
    },
  });
  return redis;
}

/**
 * Ends each command after so many milliseconds. In place of ioredis' `commandTimeout`, for which Redis is late where this
 * process stood still: timers run before what has arrived meanwhile is read. Here it is read first.
 */
export function setCommandTimeout(redis: Redis, milliseconds: number): void {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const answer = send(command, stream);
    rejectAfter(command, milliseconds);
    return answer;
  };
}

function rejectAfter(command: Command, milliseconds: number): void {
  const end = () => command.reject(new Error('Command timed out'));
  const timer = setTimeout(() => setImmediate(end), milliseconds);
  const settled = () => clearTimeout(timer);
  command.promise.then(settled, settled);
}

/** Milliseconds that a start waits for a Redis that does not answer, where the service can work without it. */
const INITIAL_WAIT_MS = 1_000;

/**
 * Waits for the first connection; where the service can work without, only until it is known not to stand, so that
 * no first request goes without a Redis that is there.
 */
async function waitForConnection(redis: Redis, required: boolean, signal: AbortSignal): Promise<void> {
  redis.connect().catch(() => undefined);
  const { promise: known, resolve } = Promise.withResolvers<void>();
  redis.once('ready', resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (!required) redis.once('error', () => resolve());
  await (required ? known : settlesWithin(known, INITIAL_WAIT_MS));
}

const OUTAGE_WORDS =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|Connection is closed|isn't writeable|Command timed out|LOADING|max retries per request/i;

/** Whether an error of ioredis says that Redis is away or late, and nothing about the command. */
export function isRedisOutage(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  return error.name === 'MaxRetriesPerRequestError' || OUTAGE_WORDS.test(error.message);
}

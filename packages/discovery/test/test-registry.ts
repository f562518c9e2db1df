import type { LogEvent } from '@plaza/errors';
import { startRedis, startService, type ServiceProcess } from '@plaza/local-stack/testing';
import { createRegistryClient, type ServiceRegistration, type RegistryClient } from '@plaza/discovery';
import { Redis } from 'ioredis';

export interface TestRegistry {
  readonly process: ServiceProcess;
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  readonly client: RegistryClient;
  /** Redis loses everything, and goes on. */
  flushRedis(): Promise<void>;
  stop(): Promise<void>;
}

/** The registry as it runs in life, over a Redis of its own. */
export async function startRegistry(): Promise<TestRegistry> {
  const redis = await startRedis();
  const process = await startService('service-registry', {
    REDIS_URL: redis.url,
    DRAIN_MS: '0',
    POLL_MS: '50',
  });
  return {
    process,
    redis,
    client: createRegistryClient({ urls: [process.url] }),
    flushRedis: async () => {
      const connection = new Redis(redis.url);
      await connection.flushall();
      await connection.quit();
    },
    stop: async () => {
      await process.stop();
      await redis.stop();
    },
  };
}

export const createTestRegistration = (
  service: string,
  port: number,
  more: Partial<ServiceRegistration> = {},
): ServiceRegistration => ({
  service,
  instanceId: `${service}-${port}`,
  url: `http://localhost:${port}`,
  healthCheckUrl: `http://localhost:${port}/health`,
  version: '1.0.0',
  weight: 1,
  tags: [],
  metadata: {},
  state: 'up',
  incarnation: 1,
  ttlMs: 15_000,
  ...more,
});

/** A logger that keeps the codes of its lines. */
export function recordingLogger() {
  const lines: string[] = [];
  const write = ({ event }: LogEvent) => {
    lines.push(event);
  };
  return { lines, logger: { error: write, warn: write, info: write, debug: write } };
}

export const timeoutSignal = () => AbortSignal.timeout(5_000);

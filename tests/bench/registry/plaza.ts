import { readFileSync } from 'node:fs';
import { startRedis } from '@plaza/local-stack/testing';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { z } from 'zod';
import { startMeasuredProcess } from '../process/measured-process.ts';
import type { RegistryUnderTest } from './registry-under-test.ts';
import type { RegistryProtocolName } from './protocols.ts';

const TITLES: Readonly<Record<RegistryProtocolName, string>> = {
  courses: 'Plaza, the courses’ calls',
  consul: 'Plaza, Consul’s API',
  eureka: 'Plaza, Eureka’s API',
};

const TOKEN = 'a-token-of-the-bench-alone';
const main = new URL('../../../service-registry/src/main.ts', import.meta.url);

/** Our registry with a Redis of its own, as compose runs it. */
export async function startPlazaRegistry(protocol: RegistryProtocolName): Promise<RegistryUnderTest> {
  const redis = await startRedis();
  const environment = {
    NODE_ENV: 'production',
    REDIS_URL: redis.url,
    REGISTRY_TOKEN: TOKEN,
    NODE_OPTIONS: readNodeOptions(),
  };
  const child = await startMeasuredProcess(main, environment, { dedicatedCore: false });
  const client = new Redis(redis.url);
  return {
    title: TITLES[protocol],
    protocol,
    child,
    url: child.url,
    headers: { authorization: `Bearer ${TOKEN}` },
    memory: async () => {
      const store = /used_memory_rss:(\d+)/.exec(await client.info('memory'))?.[1];
      return { own: (await child.usage()).residentBytes / 1_048_576, store: Number(store) / 1_048_576 };
    },
    stop: async () => {
      client.disconnect();
      child.stop();
      await redis.stop();
    },
  };
}

const compose = z.object({
  services: z.object({
    'service-registry': z.object({ environment: z.object({ NODE_OPTIONS: z.string() }) }),
  }),
});

function readNodeOptions(): string {
  const text = readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8');
  return compose.parse(parse(text, { merge: true })).services['service-registry'].environment.NODE_OPTIONS;
}

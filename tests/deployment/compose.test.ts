import { glob, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../..');

const manifest = z.object({ plaza: z.object({ port: z.int(), uses: z.array(z.string()) }).optional() });
const compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.object({ args: z.object({ SERVICE: z.string(), PORT: z.int() }) }).optional(),
      ports: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
      healthcheck: z.unknown().optional(),
      restart: z.string().optional(),
      read_only: z.boolean().optional(),
    }),
  ),
});

/** The required ports, by service. */
const PORTS = {
  'api-gateway': [3000, 8001],
  'users-service': [3001],
  'posts-service': [3002],
  'orders-service': [3003],
  'service-registry': [4000],
  rabbitmq: [5672, 15_672],
  redis: [6379],
  'users-db': [27_017],
  'posts-db': [27_018],
  'orders-db': [27_019],
} as const;

let services: z.output<typeof compose>['services'];
const declared = new Map<string, { port: number; uses: string[] }>();

beforeAll(async () => {
  services = compose.parse(
    parse(await readFile(resolve(checkout, 'docker-compose.yml'), 'utf8'), { merge: true }),
  ).services;
  for await (const file of glob('*/package.json', { cwd: checkout, exclude: ['node_modules'] })) {
    const { plaza } = manifest.parse(JSON.parse(await readFile(resolve(checkout, file), 'utf8')));
    if (plaza !== undefined) declared.set(dirname(file), plaza);
  }
});

const publishedPorts = (name: string) =>
  (services[name]?.ports ?? []).map((mapping) => Number(mapping.split(':').at(-2)));

describe('docker-compose.yml', () => {
  test('builds every service that the workspaces declare, on its port', () => {
    expect(declared.size).toBeGreaterThan(0);
    for (const [name, { port }] of declared) {
      expect(services[name]?.build?.args).toEqual({ SERVICE: name, PORT: port });
      expect(services[name]?.environment).toMatchObject({ PORT: port });
    }
  });

  test('sets the address of every service, for the registry', () => {
    for (const [name, { port }] of declared) {
      if (name === 'service-registry') continue;
      expect(services[name]?.environment['SERVICE_URL']).toBe(`http://${name}:${port}`);
    }
  });

  test.each(Object.entries(PORTS))('publishes %s on %j', (name, ports) => {
    expect(publishedPorts(name)).toEqual(ports);
  });

  test('gives every service its own database', () => {
    const withDatabase = [...declared]
      .filter(([, { uses }]) => uses.includes('mongodb'))
      .map(([name]) => name);
    const hosts = withDatabase.map(
      (name) => new URL(String(services[name]?.environment['MONGODB_URI'])).hostname,
    );
    expect(new Set(hosts).size).toBe(withDatabase.length);
    for (const host of hosts) expect(services[host]?.image).toMatch(/^mongo:/);
  });

  test('publishes only the gateway beyond this machine', () => {
    for (const [name, { ports }] of Object.entries(services)) {
      for (const mapping of ports.filter((one) => one !== '3000:3000'))
        expect(`${name} ${mapping}`).toMatch(/ 127\.0\.0\.1:/);
    }
  });

  test('restarts all containers, and mounts the file systems of the services read-only', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(`${name} ${service.restart ?? 'never'}`).toBe(`${name} unless-stopped`);
      if (declared.has(name)) expect(`${name} ${String(service.read_only)}`).toBe(`${name} true`);
    }
  });

  test('checks the health of every server', () => {
    for (const [name, service] of Object.entries(services)) {
      // Built images have a HEALTHCHECK in the Dockerfile.
      if (service.build === undefined)
        expect({ name, healthcheck: service.healthcheck }).toEqual({ name, healthcheck: expect.anything() });
    }
  });
});

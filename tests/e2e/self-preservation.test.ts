import { setInterval as every } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  createRegistryClient,
  createServiceWatch,
  createInstanceFromUrl,
  type ServiceRegistration,
  type ServiceWatch,
} from '@plaza/discovery';
import { startService, testRedis, type ServiceProcess } from '@plaza/local-stack/testing';
import { z } from 'zod';
import { eventually } from './eventually.ts';

const SERVICES = Array.from({ length: 5 }, (_, number) => `service-${number}`);
/** Instances of each service. */
const INSTANCES = 20;
/** A lease in milliseconds: short, but long enough for a busy machine. */
const TTL_MS = 3_000;
const BEAT_MS = 500;
/** The number of leases for which nine tenths of the instances send no heartbeat. */
const LEASES = 3;

let registries: ServiceProcess[];
let watches: ServiceWatch[];
const fleet = SERVICES.flatMap((service) =>
  Array.from({ length: INSTANCES }, (_, number) => createRegistration(service, number)),
);
const silenced = new Set<ServiceRegistration>();
const stopping = new AbortController();
let beating: Promise<void>;

beforeAll(async () => {
  const { url } = await testRedis();
  const start = () =>
    startService('service-registry', {
      REDIS_URL: url,
      SWEEP_MS: '50',
      POLL_MS: '50',
      REPORT_BACK_MS: String(TTL_MS),
      PROBE_EVERY_MS: '0',
    });
  registries = [await start(), await start()];
  beating = sendHeartbeats();
  watches = SERVICES.map((service) =>
    createServiceWatch({ registry: createClient(), service, logger: silentLogger }),
  );
  await Promise.all(watches.map((watch) => watch.start()));
  await eventually(() => expect(countDiscovered()).toBe(fleet.length));
}, 60_000);

afterAll(async () => {
  stopping.abort();
  await beating;
  await Promise.all(watches.map((watch) => watch.close()));
});

const noop = () => undefined;
const silentLogger = { error: noop, warn: noop, info: noop, debug: noop };
const createClient = () => createRegistryClient({ urls: registries.map(({ url }) => url) });

function createRegistration(service: string, number: number): ServiceRegistration {
  const url = `http://127.0.0.1:${10_000 + number}`;
  return {
    ...createInstanceFromUrl(service, url, `${service}-${number}`),
    healthCheckUrl: url,
    state: 'up',
    incarnation: 1,
    ttlMs: TTL_MS,
  };
}

/** Sends the heartbeats of all instances that are not silenced. */
async function sendHeartbeats(): Promise<void> {
  const { upsert } = createClient();
  const again = every(BEAT_MS, undefined, { signal: stopping.signal });
  try {
    for await (const _ of again) {
      const alive = fleet.filter((registration) => !silenced.has(registration));
      await Promise.all(alive.map((registration) => upsert(registration, stopping.signal).catch(noop)));
    }
  } catch {
    // An abort ends it.
  }
}

/** The total number of instances in the watches of the services. */
const countDiscovered = () => watches.reduce((sum, watch) => sum + watch.current().instances.length, 0);

const listed = z.object({ services: z.array(z.object({ lastHeartbeat: z.number(), state: z.string() })) });

/** The state of a registry: self-preservation, passing instances, and milliseconds since the last heartbeat. */
async function getRegistryStatus({ url }: ServiceProcess) {
  const response = await fetch(`${url}/services`);
  const { services } = listed.parse(await response.json());
  return {
    guard: response.headers.get('x-registry-guard'),
    passing: services.filter(({ state }) => state === 'up').length,
    silentMs: Date.now() - Math.min(...services.map(({ lastHeartbeat }) => lastHeartbeat)),
  };
}

test('the loss of nine tenths of all heartbeats removes no instance; an instance that has really ended is removed', async () => {
  const tenth = fleet.length / 10;
  for (const registration of fleet.slice(tenth)) silenced.add(registration);
  for (const registry of registries) {
    await eventually(async () => {
      expect((await getRegistryStatus(registry)).silentMs).toBeGreaterThan(LEASES * TTL_MS);
    });
    const { guard, passing } = await getRegistryStatus(registry);
    expect({ guard, passing }).toEqual({
      guard: `renewed=${tenth}, expected=${fleet.length}`,
      passing: fleet.length,
    });
  }
  expect(countDiscovered()).toBe(fleet.length);

  silenced.clear();
  for (const registry of registries)
    await eventually(async () => expect((await getRegistryStatus(registry)).guard).toBeNull());
  expect(countDiscovered()).toBe(fleet.length);

  const [gone] = fleet;
  if (gone !== undefined) silenced.add(gone);
  await eventually(() => expect(countDiscovered()).toBe(fleet.length - 1));
  for (const registry of registries) expect((await getRegistryStatus(registry)).guard).toBeNull();
}, 60_000);

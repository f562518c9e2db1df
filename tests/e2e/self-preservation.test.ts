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
/** Of each service. */
const INSTANCES = 20;
/** A lease, in milliseconds: short, and long enough for a busy machine to keep it. */
const TTL_MS = 3_000;
const BEAT_MS = 500;
/** Leases for which nine tenths are silent. */
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

/** Heartbeats of everybody who is not silenced, as their clients would send them. */
async function sendHeartbeats(): Promise<void> {
  const { upsert } = createClient();
  const again = every(BEAT_MS, undefined, { signal: stopping.signal });
  try {
    for await (const _ of again) {
      const alive = fleet.filter((registration) => !silenced.has(registration));
      await Promise.all(alive.map((registration) => upsert(registration, stopping.signal).catch(noop)));
    }
  } catch {
    // It ends by being aborted.
  }
}

/** How many instances the services that watch know in all. */
const countDiscovered = () => watches.reduce((sum, watch) => sum + watch.current().instances.length, 0);

const listed = z.object({ services: z.array(z.object({ lastHeartbeat: z.number(), state: z.string() })) });

/** What a registry tells: its guard, if it is on, how many pass, and for how many milliseconds nobody spoke. */
async function getRegistryStatus({ url }: ServiceProcess) {
  const response = await fetch(`${url}/services`);
  const { services } = listed.parse(await response.json());
  return {
    guard: response.headers.get('x-registry-guard'),
    passing: services.filter(({ state }) => state === 'up').length,
    silentMs: Date.now() - Math.min(...services.map(({ lastHeartbeat }) => lastHeartbeat)),
  };
}

test('nine tenths of all heartbeats lost at once take nobody out, and one that is really gone goes', async () => {
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

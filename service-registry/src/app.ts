import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createHttpApp, type Chassis } from '@plaza/service-kit';
import { createRedis, isRedisOutage } from '@plaza/service-kit/redis';
import { createHttpProbe } from './clients/http-probe.ts';
import { createProber } from './clients/prober.ts';
import type { Config } from './config.ts';
import { createChangeHints } from './data/change-hints.ts';
import { createMirror } from './data/instance.mirror.ts';
import { createInstanceStore } from './data/instance.store.ts';
import { measuredStore } from './data/measured.store.ts';
import { createSweeper } from './data/sweeper.ts';
import { createRegistrations } from './domain/registrations.service.ts';
import { consulRoutes } from './http/consul/routes.ts';
import { unknownRouter } from './http/consul/unknown.ts';
import { eurekaRoutes } from './http/eureka/routes.ts';
import { createDirectoryMetrics, createRegistryMetrics } from './metrics.ts';
import { createBoard } from './http/page/board.ts';
import { pageEventsRoute, pageRouter } from './http/page.routes.ts';
import { registrationRoutes } from './http/registrations.routes.ts';
import { writers } from './http/writers.ts';

/** Asked by every instance every few seconds, in the words of each protocol. */
const ROUTINE =
  /^\/(heartbeat\/|v1\/(health|agent\/check\/(pass|warn|fail|update))\/|eureka\/(v2\/)?apps(\/?$|\/delta$|\/[^/]+\/[^/]+$))/;

const PAGE_EVERY_MS = 2_000;

/** The registry: all wires are here. */
export function createApp(chassis: Chassis<Config>): RequestListener {
  const { config, logger, lifecycle, health } = chassis;
  const redis = createRedis({ ...chassis, url: config.REDIS_URL, required: false, autoPipelining: true });
  health.add({
    name: 'redis',
    group: 'database',
    required: true,
    holdsReadiness: false,
    check: async () => {
      await redis.ping();
      return undefined;
    },
  });
  const metrics = createRegistryMetrics(chassis.metrics.registry);
  const store = measuredStore(
    createInstanceStore({ redis, mostInstances: config.MOST_INSTANCES }),
    metrics.measure,
  );
  const mirror = createMirror({ store, logger, pollMs: config.POLL_MS });
  redis.on('ready', mirror.hint);
  lifecycle.add(createChangeHints(redis, mirror.hint));
  lifecycle.add(mirror);
  const sweeper = createSweeper({
    store,
    logger,
    owner: randomUUID(),
    everyMs: config.SWEEP_MS,
    holdMs: config.REPORT_BACK_MS,
    onSwept: metrics.swept,
  });
  lifecycle.add(sweeper);
  createDirectoryMetrics(chassis.metrics.registry, mirror, sweeper.onDuty);
  if (config.PROBE_EVERY_MS > 0) {
    lifecycle.add(
      createProber({
        directory: mirror,
        store,
        probe: createHttpProbe(config.PROBE_TIMEOUT_MS),
        logger,
        onDuty: sweeper.onDuty,
        everyMs: config.PROBE_EVERY_MS,
        random: Math.random,
        onProbed: metrics.probed,
      }),
    );
  }

  const board = createBoard({
    directory: mirror,
    store,
    logger,
    mostViewers: config.MOST_VIEWERS,
    everyMs: PAGE_EVERY_MS,
  });
  lifecycle.add(board);

  const registrations = createRegistrations(store);
  return createHttpApp({
    service: chassis,
    authenticate: writers(config.REGISTRY_TOKEN),
    outages: { Redis: isRedisOutage },
    quiet: ROUTINE,
    routes: [
      ...registrationRoutes({
        registrations,
        directory: mirror,
        store,
        silenceMs: config.SILENCE_MS,
      }),
      ...consulRoutes({
        directory: mirror,
        registrations,
        store,
        random: Math.random,
        token: config.REGISTRY_TOKEN,
        version: config.SERVICE_VERSION,
      }),
      ...eurekaRoutes({ directory: mirror, registrations, store, token: config.REGISTRY_TOKEN }),
      pageEventsRoute(board),
    ],
    extra: [pageRouter(board), unknownRouter()],
  });
}

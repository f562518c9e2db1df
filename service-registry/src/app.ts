import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createHttpApp, type Chassis } from '@plaza/service-kit';
import { createRedis, isRedisOutage } from '@plaza/service-kit/redis';
import { createHttpProbe } from './clients/http-probe.ts';
import { createProber } from './clients/prober.ts';
import type { RegistryConfig } from './config.ts';
import { createChangeSubscriber } from './data/change-notifications.ts';
import { createCatalogCache } from './data/catalog-cache.ts';
import { createInstanceStore } from './data/instance.store.ts';
import { instrumentStore } from './data/instrumented-store.ts';
import { createExpirationJob } from './data/expiration-job.ts';
import { createRegistrations } from './domain/registrations.service.ts';
import { consulRoutes } from './http/consul/consul.routes.ts';
import { unsupportedEndpointsRouter } from './http/consul/unsupported-endpoints.ts';
import { eurekaRoutes } from './http/eureka/eureka.routes.ts';
import { createCatalogMetrics, createRegistryMetrics } from './metrics.ts';
import { createLiveUpdates } from './http/page/live-updates.ts';
import { pageEventsRoute, pageRouter } from './http/page.routes.ts';
import { registrationRoutes } from './http/registrations.routes.ts';
import { createWriterAuthenticator } from './http/registry-auth.ts';

/** Asked by every instance every few seconds, in the words of each protocol. */
const ROUTINE_PATHS =
  /^\/(heartbeat\/|v1\/(health|agent\/check\/(pass|warn|fail|update))\/|eureka\/(v2\/)?apps(\/?$|\/delta$|\/[^/]+\/[^/]+$))/;

const PAGE_INTERVAL_MS = 2_000;

/** The registry: all wires are here. */
export function createApp(chassis: Chassis<RegistryConfig>): RequestListener {
  const { config, logger, lifecycle, health } = chassis;
  const redis = createRedis({ ...chassis, url: config.REDIS_URL, required: false, autoPipelining: true });
  health.add({
    name: 'redis',
    group: 'database',
    required: true,
    affectsReadiness: false,
    check: async () => {
      await redis.ping();
      return undefined;
    },
  });
  const metrics = createRegistryMetrics(chassis.metrics.registry);
  const store = instrumentStore(
    createInstanceStore({ redis, maxInstances: config.MOST_INSTANCES }),
    metrics.recordStoreOperation,
  );
  const catalogCache = createCatalogCache({ store, logger, pollMs: config.POLL_MS });
  redis.on('ready', catalogCache.refresh);
  lifecycle.add(createChangeSubscriber(redis, catalogCache.refresh));
  lifecycle.add(catalogCache);
  const expirationJob = createExpirationJob({
    store,
    logger,
    owner: randomUUID(),
    intervalMs: config.SWEEP_MS,
    gracePeriodMs: config.REPORT_BACK_MS,
    onExpired: metrics.recordExpiration,
  });
  lifecycle.add(expirationJob);
  createCatalogMetrics(chassis.metrics.registry, catalogCache, expirationJob.isLeader);
  if (config.PROBE_EVERY_MS > 0) {
    lifecycle.add(
      createProber({
        catalogReader: catalogCache,
        store,
        probe: createHttpProbe(config.PROBE_TIMEOUT_MS),
        logger,
        isLeader: expirationJob.isLeader,
        intervalMs: config.PROBE_EVERY_MS,
        random: Math.random,
        onProbeResult: metrics.recordProbe,
      }),
    );
  }

  const liveUpdates = createLiveUpdates({
    catalogReader: catalogCache,
    store,
    logger,
    maxViewers: config.MOST_VIEWERS,
    intervalMs: PAGE_INTERVAL_MS,
  });
  lifecycle.add(liveUpdates);

  const registrations = createRegistrations(store);
  return createHttpApp({
    service: chassis,
    authenticate: createWriterAuthenticator(config.REGISTRY_TOKEN),
    dependencyErrors: { Redis: isRedisOutage },
    quietPaths: ROUTINE_PATHS,
    routes: [
      ...registrationRoutes({
        registrations,
        catalogReader: catalogCache,
        store,
        silenceMs: config.SILENCE_MS,
      }),
      ...consulRoutes({
        catalogReader: catalogCache,
        registrations,
        store,
        random: Math.random,
        token: config.REGISTRY_TOKEN,
        version: config.SERVICE_VERSION,
      }),
      ...eurekaRoutes({ catalogReader: catalogCache, registrations, store, token: config.REGISTRY_TOKEN }),
      pageEventsRoute(liveUpdates),
    ],
    extraRouters: [pageRouter(liveUpdates), unsupportedEndpointsRouter()],
  });
}

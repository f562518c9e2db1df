import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createHttpApp, type Chassis } from '@plaza/service-kit';
import { createRedis, isRedisOutage } from '@plaza/service-kit/redis';
import { createHttpProbe } from './clients/http-probe.ts';
import { createProber } from './clients/prober.ts';
import type { RegistryConfig } from './config.ts';
import { createCatalogCache } from './data/catalog-cache.ts';
import { createChangeSubscriber } from './data/change-notifications.ts';
import { createExpirationJob } from './data/expiration-job.ts';
import { createInstanceStore } from './data/instance.store.ts';
import { instrumentStore } from './data/instrumented-store.ts';
import { createRegistrations } from './domain/registrations.service.ts';
import { consulRoutes } from './http/consul/consul.routes.ts';
import { unsupportedEndpointsRouter } from './http/consul/unsupported-endpoints.ts';
import { eurekaRoutes } from './http/eureka/eureka.routes.ts';
import { createLiveUpdates } from './http/page/live-updates.ts';
import { pageEventsRoute, pageRouter } from './http/page.routes.ts';
import { registrationRoutes } from './http/registrations.routes.ts';
import { createWriterAuthenticator } from './http/registry-auth.ts';
import { ROUTINE_PATHS } from './http/routine-paths.ts';
import { createCatalogMetrics, createRegistryMetrics } from './metrics.ts';

export function createApp(chassis: Chassis<RegistryConfig>): RequestListener {
  const { config, logger, lifecycle } = chassis;
  const metrics = createRegistryMetrics(chassis.metrics.registry);
  const redis = createRedis({
    ...chassis,
    url: config.REDIS_URL,
    affectsReadiness: false,
    autoPipelining: true,
  });
  const store = instrumentStore(
    createInstanceStore({ redis, maxInstances: config.MOST_INSTANCES }),
    metrics.recordStoreOperation,
  );
  const catalogReader = createCatalogCache({ store, logger, pollMs: config.POLL_MS });
  const changeSubscriber = createChangeSubscriber(redis, catalogReader.refresh);
  const registrations = createRegistrations(store);

  const expirationJob = createExpirationJob({
    store,
    logger,
    owner: randomUUID(),
    intervalMs: config.SWEEP_MS,
    gracePeriodMs: config.REPORT_BACK_MS,
    onExpired: metrics.recordExpiration,
  });
  const { isLeader } = expirationJob;
  const prober = createProber({
    catalogReader,
    store,
    logger,
    isLeader,
    probe: createHttpProbe(config.PROBE_TIMEOUT_MS),
    intervalMs: config.PROBE_EVERY_MS,
    random: Math.random,
    onProbeResult: metrics.recordProbe,
  });
  const liveUpdates = createLiveUpdates({ catalogReader, store, logger, maxViewers: config.MOST_VIEWERS });
  for (const component of [changeSubscriber, catalogReader, expirationJob, prober, liveUpdates])
    lifecycle.add(component);
  createCatalogMetrics(chassis.metrics.registry, catalogReader, isLeader);

  const api = { catalogReader, registrations, store, token: config.REGISTRY_TOKEN };
  return createHttpApp({
    service: chassis,
    authenticate: createWriterAuthenticator(config.REGISTRY_TOKEN),
    dependencyErrors: { Redis: isRedisOutage },
    quietPaths: ROUTINE_PATHS,
    routes: [
      ...registrationRoutes({ ...api, silenceMs: config.SILENCE_MS }),
      ...consulRoutes({ ...api, random: Math.random, version: config.SERVICE_VERSION }),
      ...eurekaRoutes(api),
      pageEventsRoute(liveUpdates),
    ],
    extraRouters: [pageRouter(liveUpdates), unsupportedEndpointsRouter()],
  });
}

import { createDiscovery } from '@plaza/discovery';
import { createHttpApp, createServiceTokens, type Chassis, type Handlers } from '@plaza/service-kit';
import { createRedis } from '@plaza/service-kit/redis';
import type { GatewayConfig } from './config.ts';
import { createAdminApp } from './http/admin/admin.ts';
import { adminListening } from './http/admin/listening.ts';
import { createEventStreams } from './http/event-streams.ts';
import { expectContinue } from './http/expect-continue.ts';
import { gateway } from './http/gateway.ts';
import { indexRoutes } from './http/index.routes.ts';
import { leftoverBody } from './http/leftover-body.ts';
import { noPublicMetrics } from './http/no-public-metrics.ts';
import { docsMenu, serviceDocsRoutes } from './http/service-docs.routes.ts';
import { webSockets } from './http/websockets.ts';
import { configurationCheck, fileWatch } from './runtime/file-watch.ts';
import { createKeeper } from './runtime/keeper.ts';
import { createRuntime } from './runtime/runtime.ts';
import { createSharedSettings } from './runtime/settings.ts';
import { createSharedState } from './runtime/shared-state.ts';
import { overridesIn, weighted } from './runtime/target-weights.ts';
import { joinFleet, type Fleet } from './workers/fleet.ts';
import { addedTo, carryAdded } from './upstream/added-headers.ts';
import { createDelivery } from './upstream/delivery.ts';
import { createUndiciForwarder } from './upstream/undici-forwarder.ts';
import { resolutionOf } from './upstream/watchdog.ts';
import { createWebSocketForwarder } from './upstream/websocket-forwarder.ts';
import { createUpstreams } from './upstream/upstreams.ts';

/** Milliseconds: a request waits for a count this long, and then does without Redis. */
const REDIS_COMMAND_MS = 200;

/** The whole gateway, wired by hand. */
export function createApp(chassis: Chassis<GatewayConfig>, fleet: Fleet = joinFleet()): Handlers {
  const { config, logger, lifecycle, health } = chassis;
  const metrics = fleet.together(chassis.metrics);
  const { declaration, kinds } = config.GATEWAY_CONFIG;

  const fallbackUrls: Readonly<Record<string, string | undefined>> = {
    'users-service': config.USERS_SERVICE_URL,
    'posts-service': config.POSTS_SERVICE_URL,
    'orders-service': config.ORDERS_SERVICE_URL,
  };
  const discovery = createDiscovery({ ...chassis, registers: fleet.leads });
  const upstreams = createUpstreams({
    watch: (name) => discovery.watch(name, fallbackUrls[name]),
    logger,
    metrics: metrics.registry,
    circuit: { failureThreshold: config.CIRCUIT_FAILURES, resetTimeout: config.CIRCUIT_RESET_MS },
  });

  const redis = createRedis({
    url: config.REDIS_URL,
    logger,
    health,
    lifecycle,
    required: false,
    commandTimeout: REDIS_COMMAND_MS,
  });
  const settings = createSharedSettings({ redis, fleet, logger });
  lifecycle.add({ name: 'settings', start: settings.start, close: settings.close });
  const runtime = createRuntime(declaration, {
    kinds,
    upstreams,
    inForce: (declared) => weighted(declared, overridesIn(settings.entries())),
    logger,
    metrics: metrics.registry,
    redis,
    serviceToken: createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET).issue,
    clientIdleMs: config.CLIENT_IDLE_MS,
    shared: createSharedState(),
  });
  lifecycle.add({ name: 'runtime', close: runtime.close });
  const keeper = createKeeper({
    path: config.GATEWAY_CONFIG.path,
    first: config.GATEWAY_CONFIG,
    reading: config.GATEWAY_CONFIG,
    runtime,
    upstreams,
    settings,
    logger,
  });
  lifecycle.add({ name: 'configuration', start: keeper.settled });
  lifecycle.add(fileWatch(keeper, config.GATEWAY_CONFIG.path, config.GATEWAY_CONFIG_WATCH_MS));
  health.add(configurationCheck(keeper));

  const timers = {
    connect: config.UPSTREAM_CONNECT_MS,
    headers: config.UPSTREAM_HEADERS_MS,
    read: config.UPSTREAM_IDLE_MS,
    write: config.UPSTREAM_IDLE_MS,
    client: config.CLIENT_IDLE_MS,
  };
  const forwarder = createUndiciForwarder(resolutionOf(timers));
  const upgrades = createWebSocketForwarder();
  const streams = createEventStreams();
  const deliver = createDelivery({ forwarder, upgrades, timers });
  lifecycle.add({ name: 'forwarder', close: async () => forwarder.close() });

  const admin = createAdminApp(
    { ...chassis, metrics },
    {
      keeper,
      upstreams,
      redis,
      plugins: kinds.map(({ name }) => name),
      workers: config.GATEWAY_WORKERS,
    },
  );
  const address = {
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    guarded: config.ADMIN_TOKEN !== undefined,
  };
  if (fleet.leads) lifecycle.add(adminListening(admin, address, logger));

  const declared = () => keeper.read().declaration;
  const app = createHttpApp({
    service: { ...chassis, metrics },
    before: [
      leftoverBody(config.CLIENT_IDLE_MS),
      gateway(runtime, deliver, streams),
      ...(config.PUBLIC_METRICS ? [] : [noPublicMetrics]),
      docsMenu(declared),
    ],
    addHeader: (response, name, value) => addedTo(response).set(name, value),
    routes: [...indexRoutes(config, declared), ...serviceDocsRoutes(declared, upstreams)],
  });
  carryAdded(app);
  return {
    request: app,
    expectContinue: expectContinue(app),
    upgrade: webSockets(app, () => {
      upgrades.close();
      streams.end();
    }),
  };
}

import { createDiscovery } from '@plaza/discovery';
import { createHttpApp, createServiceTokens, type Chassis, type ServerHandlers } from '@plaza/service-kit';
import { createRedis } from '@plaza/service-kit/redis';
import { serviceUrl, type GatewayConfig } from './config.ts';
import { createAdminApp } from './control/admin/admin-api.ts';
import { createAdminServer } from './control/admin/admin-server.ts';
import { createNotFoundRouter } from './proxy/not-found.ts';
import { createSseConnections } from './proxy/sse-connections.ts';
import { expectContinue } from './proxy/expect-continue.ts';
import { createProxyHandler } from './proxy/proxy-handler.ts';
import { indexRoutes } from './http/index.routes.ts';
import { hideMetrics } from './http/hide-metrics.ts';
import { docsIndex, openApiAggregationRoutes } from './http/openapi-aggregation.routes.ts';
import { createWebSocketUpgradeHandler } from './proxy/websocket-upgrade-handler.ts';
import { createConfigHealthCheck, createConfigFileWatcher } from './control/config-file-watcher.ts';
import { createConfigManager } from './control/config-manager.ts';
import { createActiveConfig } from './control/active-config.ts';
import { createRuntimeOverrides } from './control/runtime-overrides.ts';
import { createPluginStateStore } from './control/plugin-state.ts';
import { parseWeightOverrides, applyWeightOverrides } from './control/weight-overrides.ts';
import { joinCluster, type ClusterWorker } from './cluster/worker.ts';
import { addGatewayHeaders, setGatewayHeader } from './transport/gateway-headers.ts';
import { createUndiciTransport } from './transport/undici-transport.ts';
import { timerResolution } from './transport/deadline-timers.ts';
import { createWebSocketTransport } from './transport/websocket-transport.ts';
import { createUpstreamRegistry } from './balancer/upstream-registry.ts';

/** Milliseconds that a request waits for a command of Redis; then it goes on without Redis. */
const REDIS_COMMAND_TIMEOUT_MS = 200;

/** The composition root of the gateway. */
export function createApp(
  chassis: Chassis<GatewayConfig>,
  clusterWorker: ClusterWorker = joinCluster(),
): ServerHandlers {
  const { config, logger, lifecycle, health } = chassis;
  const metrics = clusterWorker.aggregateMetrics(chassis.metrics);
  const { config: initialConfig, kinds } = config.GATEWAY_CONFIG;

  const discovery = createDiscovery({ ...chassis, register: clusterWorker.isLeader });
  const upstreams = createUpstreamRegistry({
    watch: (name) => discovery.watch(name, serviceUrl(config, name)),
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
    commandTimeout: REDIS_COMMAND_TIMEOUT_MS,
  });
  const overrides = createRuntimeOverrides({ redis, clusterWorker, logger });
  lifecycle.add({ name: 'settings', start: overrides.start, close: overrides.close });
  const activeConfig = createActiveConfig(initialConfig, {
    kinds,
    upstreams,
    withOverrides: (declared) => applyWeightOverrides(declared, parseWeightOverrides(overrides.entries())),
    logger,
    metrics: metrics.registry,
    redis,
    serviceToken: createServiceTokens(config.SERVICE_NAME, config.SERVICE_SECRET).issue,
    clientIdleMs: config.CLIENT_IDLE_MS,
    pluginState: createPluginStateStore(),
  });
  lifecycle.add({ name: 'runtime', close: activeConfig.close });
  const configManager = createConfigManager({
    path: config.GATEWAY_CONFIG.path,
    initial: config.GATEWAY_CONFIG,
    loadOptions: config.GATEWAY_CONFIG,
    activeConfig,
    overrides,
    logger,
  });
  lifecycle.add({ name: 'configuration', start: configManager.whenIdle });
  lifecycle.add(
    createConfigFileWatcher(configManager, config.GATEWAY_CONFIG.path, config.GATEWAY_CONFIG_WATCH_MS),
  );
  health.add(createConfigHealthCheck(configManager));

  const timeouts = {
    connect: config.UPSTREAM_CONNECT_MS,
    headers: config.UPSTREAM_HEADERS_MS,
    read: config.UPSTREAM_IDLE_MS,
    write: config.UPSTREAM_IDLE_MS,
    client: config.CLIENT_IDLE_MS,
  };
  const transport = createUndiciTransport(timerResolution(timeouts));
  const webSocketTransport = createWebSocketTransport();
  const sseConnections = createSseConnections();
  lifecycle.add({ name: 'forwarder', close: async () => transport.close() });

  const admin = createAdminApp(
    { ...chassis, metrics },
    {
      configManager,
      upstreams,
      redis,
      plugins: kinds.map(({ name }) => name),
      workers: config.GATEWAY_WORKERS,
    },
  );
  const address = {
    host: config.ADMIN_HOST,
    port: config.ADMIN_PORT,
    authenticated: config.ADMIN_TOKEN !== undefined,
  };
  if (clusterWorker.isLeader) lifecycle.add(createAdminServer(admin, address, logger));

  const declared = () => configManager.current().config;
  const app = createHttpApp({
    service: { ...chassis, metrics },
    middleware: [
      createProxyHandler(activeConfig, { transport, webSocketTransport, timeouts }, sseConnections),
      ...(config.PUBLIC_METRICS ? [] : [hideMetrics]),
      docsIndex(declared),
    ],
    setResponseHeader: setGatewayHeader,
    extraRouters: [createNotFoundRouter(config.SERVICE_NAME)],
    routes: [...indexRoutes(config, declared), ...openApiAggregationRoutes(declared, upstreams)],
  });
  addGatewayHeaders(app);
  return {
    request: app,
    expectContinue: expectContinue(app),
    upgrade: createWebSocketUpgradeHandler(app, () => {
      webSocketTransport.close();
      sseConnections.closeAll();
    }),
  };
}

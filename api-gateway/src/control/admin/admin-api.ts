import { createHttpApp, type BaseConfig, type Chassis } from '@plaza/service-kit';
import express, { Router, type ErrorRequestHandler, type Express } from 'express';
import type { UpstreamRegistry } from '../../balancer/upstream-registry.ts';
import { configRouter } from './config.routes.ts';
import { entityRouter } from './entities.routes.ts';
import { adminAuth } from './admin-auth.ts';
import { respondWith, notFound } from './responses.ts';
import { statusRouter, type StatusOptions } from './status.routes.ts';
import { upstreamRouter } from './upstreams.routes.ts';
import type { SerializerContext } from './serializers.ts';

export interface AdminApiOptions extends Omit<StatusOptions, 'about' | 'metrics'> {
  readonly upstreams: UpstreamRegistry;
}

/** The part of the environment that the Admin API reads. */
interface AdminApiConfig extends BaseConfig {
  readonly UPSTREAM_CONNECT_MS: number;
  readonly UPSTREAM_IDLE_MS: number;
  readonly ADMIN_TOKEN?: string | undefined;
}

/**
 * Kong's Admin API for a gateway without a database: it reads all entities, replaces the whole configuration, and
 * changes the weights of targets at run time (https://developer.konghq.com/admin-api/).
 */
export function createAdminApp(chassis: Chassis<AdminApiConfig>, options: AdminApiOptions): Express {
  const { config, metrics } = chassis;
  const { configManager, upstreams, plugins } = options;
  const about = { name: config.SERVICE_NAME, version: config.SERVICE_VERSION };
  const context = (): SerializerContext => ({
    loadedAt: configManager.loadedAt(),
    timeouts: {
      connect: config.UPSTREAM_CONNECT_MS,
      read: config.UPSTREAM_IDLE_MS,
      write: config.UPSTREAM_IDLE_MS,
    },
  });
  const router = Router();
  router.use(statusRouter({ about, metrics, ...options }), configRouter(configManager, context));
  router.use(express.json({ limit: '100kb' }), express.urlencoded({ limit: '100kb', extended: false }));
  router.use(
    entityRouter({ config: () => configManager.current().config, plugins, context }),
    upstreamRouter({ configManager, upstreams, context, metrics }),
  );
  router.use(respondWith(() => notFound));
  router.use(bodyParserErrorHandler);
  return createHttpApp({
    service: chassis,
    routes: [],
    middleware: [adminAuth(config.ADMIN_TOKEN)],
    extraRouters: [router],
    quietPaths: /^\/status$/,
  });
}

/** Sends the errors of the body parsers. */
const bodyParserErrorHandler: ErrorRequestHandler = (error: unknown, request, response, next) => {
  const status =
    Error.isError(error) && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  if (status >= 500 || response.headersSent || !Error.isError(error)) next(error);
  else
    response.status(status).json({
      message: `Cannot parse ${request.is('json') === false ? 'the' : 'JSON'} body: ${error.message}`,
    });
};

import { createHttpApp, type Chassis } from '@plaza/service-kit';
import express, { Router, type ErrorRequestHandler, type Express } from 'express';
import type { GatewayConfig } from '../../config.ts';
import type { Upstreams } from '../../upstream/upstreams.ts';
import { configRouter } from './config.ts';
import { entityRouter } from './entities.ts';
import { guard } from './guard.ts';
import { answering, notFound } from './reply.ts';
import { statusRouter, type StatusOptions } from './status.ts';
import { upstreamRouter } from './upstreams.ts';
import type { ViewContext } from './views.ts';

export interface AdminOptions extends Omit<StatusOptions, 'about' | 'metrics'> {
  readonly upstreams: Upstreams;
}

/**
 * Kong's Admin API for a gateway whose configuration is a file: everything can be read, a whole file posted,
 * and targets weighted while requests pass (https://developer.konghq.com/admin-api/).
 */
export function createAdminApp(chassis: Chassis<GatewayConfig>, options: AdminOptions): Express {
  const { config, metrics } = chassis;
  const { keeper, upstreams, plugins } = options;
  const about = { name: config.SERVICE_NAME, version: config.SERVICE_VERSION };
  const context = (): ViewContext => ({
    loadedAt: keeper.loadedAt(),
    timeouts: {
      connect: config.UPSTREAM_CONNECT_MS,
      read: config.UPSTREAM_IDLE_MS,
      write: config.UPSTREAM_IDLE_MS,
    },
  });
  const router = Router();
  router.use(statusRouter({ about, metrics, ...options }), configRouter(keeper, context));
  router.use(express.json({ limit: '100kb' }), express.urlencoded({ limit: '100kb', extended: false }));
  router.use(
    entityRouter({ declaration: () => keeper.read().declaration, plugins, context }),
    upstreamRouter({ keeper, upstreams, context, metrics }),
  );
  router.use(answering(() => notFound));
  router.use(inKongsWords);
  return createHttpApp({
    service: chassis,
    routes: [],
    before: [guard(config.ADMIN_TOKEN)],
    extra: [router],
    quiet: /^\/status$/,
  });
}

/** What the parsers of bodies have to say. */
const inKongsWords: ErrorRequestHandler = (error: unknown, request, response, next) => {
  const status =
    Error.isError(error) && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  if (status >= 500 || response.headersSent || !Error.isError(error)) next(error);
  else
    response.status(status).json({
      message: `Cannot parse ${request.is('json') === false ? 'the' : 'JSON'} body: ${error.message}`,
    });
};

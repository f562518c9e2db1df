import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { Authenticator } from '../auth/authenticator.ts';
import type { HealthCheckRegistry } from '../health.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { accessLog } from './access-log.ts';
import { createSwaggerUiRouter } from './swagger-ui.routes.ts';
import { errorHandler, type DependencyErrors } from './error-handler.ts';
import { mountRoutes } from './mount-routes.ts';
import { createOpenApi } from './openapi.ts';
import { createHealthAndMetricsRouter } from './health-and-metrics.routes.ts';
import { RouteNotFound } from './problem.errors.ts';
import { createCorrelationMiddleware, type SetResponseHeader } from './request-id.ts';
import type { HttpRoute } from './route.ts';

export interface HttpAppOptions {
  readonly service: {
    readonly config: {
      readonly SERVICE_NAME: string;
      readonly SERVICE_VERSION: string;
      readonly NODE_ENV: 'development' | 'test' | 'production';
      readonly TRUSTED_PROXIES: number;
    };
    readonly logger: Logger;
    readonly metrics: Metrics;
    readonly health: HealthCheckRegistry;
  };
  readonly routes: readonly HttpRoute[];
  readonly authenticate?: Authenticator;
  /** What to say when a dependency is away. */
  readonly dependencyErrors?: DependencyErrors;
  /** Express routers for what is no JSON route: pages, other protocols. After `routes`, before the 404. */
  readonly extraRouters?: readonly Router[];
  /** Paths which machines ask every few seconds: logged at `debug` unless they fail. */
  readonly quietPaths?: RegExp;
  /** What sees every request first, right after the log: a gateway's checks and its proxying. */
  readonly middleware?: readonly RequestHandler[];
  /** How an answer gets the id of its request. Default: `response.setHeader`, at once. */
  readonly setResponseHeader?: SetResponseHeader;
  /** Milliseconds between the comments that keep a stream of events open. Default 15,000. */
  readonly heartbeatMs?: number;
}

/** The HTTP side of a service: its routes, and all that every service does alike around them. */
export function createHttpApp({
  service,
  routes,
  authenticate,
  dependencyErrors = {},
  extraRouters = [],
  middleware = [],
  setResponseHeader,
  quietPaths,
  heartbeatMs,
}: HttpAppOptions): Express {
  const { config, logger, metrics, health } = service;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.TRUSTED_PROXIES);
  app.use(
    createCorrelationMiddleware(setResponseHeader),
    accessLog(logger, metrics, quietPaths),
    ...middleware,
    securityHeaders,
  );
  app.use(createHealthAndMetricsRouter(health, metrics));
  app.use(createOpenApiRouter(config.SERVICE_NAME, config.SERVICE_VERSION, routes));
  const validateResponses = config.NODE_ENV !== 'production';
  app.use(mountRoutes({ routes, authenticate, validateResponses, heartbeatMs }));
  for (const router of extraRouters) app.use(router);
  app.use((request) => {
    throw new RouteNotFound(
      `${request.method} ${request.path} is not a route of ${config.SERVICE_NAME}; /docs lists them.`,
    );
  });
  app.use(errorHandler(logger, metrics, dependencyErrors));
  return app;
}

/** Helmet's defaults, but for one: Plaza is tried out over plain HTTP, where upgrading breaks every page. */
const securityHeaders = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });

function createOpenApiRouter(title: string, version: string, routes: readonly HttpRoute[]): Router {
  const router = createSwaggerUiRouter();
  const document = createOpenApi({ title, version }, routes);
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  return router;
}

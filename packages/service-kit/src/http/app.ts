import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Health } from '../health.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { accessLog } from './access-log.ts';
import { docsRouter } from './docs.ts';
import { errorHandler, type Outages } from './error-handler.ts';
import { mountRoutes } from './mount-routes.ts';
import { createOpenApi } from './openapi.ts';
import { operationalRouter } from './operational.ts';
import { RouteNotFound } from './problem.errors.ts';
import { requestContext, type AddHeader } from './request-id.ts';
import type { Route } from './route.ts';

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
    readonly health: Health;
  };
  readonly routes: readonly Route[];
  readonly authenticate?: Authenticator;
  /** What to say when a dependency is away. */
  readonly outages?: Outages;
  /** Express routers for what is no JSON route: pages, other protocols. After `routes`, before the 404. */
  readonly extra?: readonly Router[];
  /** Paths which machines ask every few seconds: logged at `debug` unless they fail. */
  readonly quiet?: RegExp;
  /** What sees every request first, right after the log: a gateway's checks and its proxying. */
  readonly before?: readonly RequestHandler[];
  /** How an answer gets the id of its request. Default: `response.setHeader`, at once. */
  readonly addHeader?: AddHeader;
  /** Milliseconds between the comments that keep a stream of events open. Default 15,000. */
  readonly heartbeatMs?: number;
}

/** The HTTP side of a service: its routes, and all that every service does alike around them. */
export function createHttpApp({
  service,
  routes,
  authenticate,
  outages = {},
  extra = [],
  before = [],
  addHeader,
  quiet,
  heartbeatMs,
}: HttpAppOptions): Express {
  const { config, logger, metrics, health } = service;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.TRUSTED_PROXIES);
  app.use(requestContext(addHeader), accessLog(logger, metrics, quiet), ...before, securityHeaders);
  app.use(operationalRouter(health, metrics));
  app.use(documentation(config.SERVICE_NAME, config.SERVICE_VERSION, routes));
  const checkAnswers = config.NODE_ENV !== 'production';
  app.use(mountRoutes({ routes, authenticate, checkAnswers, heartbeatMs }));
  for (const router of extra) app.use(router);
  app.use((request) => {
    throw new RouteNotFound(
      `${request.method} ${request.path} is not a route of ${config.SERVICE_NAME}; /docs lists them.`,
    );
  });
  app.use(errorHandler(logger, outages));
  return app;
}

/** Helmet's defaults, but for one: Plaza is tried out over plain HTTP, where upgrading breaks every page. */
const securityHeaders = helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } });

function documentation(title: string, version: string, routes: readonly Route[]): Router {
  const router = docsRouter();
  const document = createOpenApi({ title, version }, routes);
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  return router;
}

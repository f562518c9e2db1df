import { RouteNotFound } from '@plaza/service-kit';
import { Router } from 'express';

/**
 * Answers 404 to a request for an unknown route: no route of the configuration matched, and it is none of the
 * gateway's own pages.
 */
export function createNotFoundRouter(serviceName: string): Router {
  return Router().use(({ method, path }) => {
    throw new RouteNotFound(`${method} ${path} is not a route of ${serviceName}; /docs lists them.`);
  });
}

import { RouteNotFound } from '@plaza/service-kit';
import type { RequestHandler } from 'express';

/** Hides metrics from the public: they reveal routes, services and failures. */
export const hideMetrics: RequestHandler = ({ path }, _response, next) => {
  if (path === '/metrics')
    next(new RouteNotFound('Metrics are at the Admin API, or here with PUBLIC_METRICS=on.'));
  else next();
};

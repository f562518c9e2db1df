import { RouteNotFound } from '@plaza/service-kit';
import type { RequestHandler } from 'express';

/** Keeps metrics from the public: they tell of routes, services and their troubles. */
export const hideMetrics: RequestHandler = ({ path }, _response, next) => {
  if (path === '/metrics')
    next(new RouteNotFound('Metrics are at the Admin API, or here with PUBLIC_METRICS=on.'));
  else next();
};

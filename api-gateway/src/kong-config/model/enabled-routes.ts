import type { RouteEntity } from './entities.ts';

/** Kong treats the routes of a service that is not enabled as if they were not there. */
export const enabledRoutes = (routes: readonly RouteEntity[]): readonly RouteEntity[] =>
  routes.filter(({ service }) => service?.enabled !== false);

import type { RouteEntity } from './entities.ts';

/** The routes without those of disabled services, as in Kong. */
export const enabledRoutes = (routes: readonly RouteEntity[]): readonly RouteEntity[] =>
  routes.filter(({ service }) => service?.enabled !== false);

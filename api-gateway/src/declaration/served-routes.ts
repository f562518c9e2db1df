import type { Route } from './declaration.ts';

/** Kong treats the routes of a service that is not enabled as if they were not there. */
export const servedRoutes = (routes: readonly Route[]): readonly Route[] =>
  routes.filter(({ service }) => service?.enabled !== false);

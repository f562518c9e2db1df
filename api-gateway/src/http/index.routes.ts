import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import type { DeclarativeConfig } from '../kong-config/model/entities.ts';
import { enabledRoutes } from '../kong-config/model/enabled-routes.ts';

const index = z
  .object({
    service: z.string(),
    version: z.string(),
    routes: z.array(z.object({ name: z.string(), paths: z.array(z.string()), service: z.string() })),
    links: z.object({ docs: z.string(), health: z.string() }),
  })
  .meta({ id: 'Index' });

/** `GET /`: the routes behind this address. */
export function indexRoutes(
  { SERVICE_NAME: service, SERVICE_VERSION: version }: { SERVICE_NAME: string; SERVICE_VERSION: string },
  declared: () => DeclarativeConfig,
): HttpRoute[] {
  const routes = () =>
    enabledRoutes(declared().routes).map(({ name, paths, service: to }) => ({
      name,
      paths: paths.map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value)),
      service: to?.address.host ?? '',
    }));
  const links = { docs: '/docs', health: '/health' };
  return [
    route({
      method: 'get',
      path: '/',
      summary: 'What is served here, and by whom',
      tag: 'gateway',
      auth: 'none',
      responses: { 200: index },
      handle: () => ({ status: 200, body: { service, version, routes: routes(), links } }),
    }),
  ];
}

import { route, type HttpRoute } from '@plaza/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import type { DeclarativeConfig, RouteEntity } from '../kong-config/model/entities.ts';
import { enabledRoutes } from '../kong-config/model/enabled-routes.ts';
import { BadGateway, NoInstance, UnknownService } from '../transport/upstream.errors.ts';
import type { UpstreamRegistry } from '../balancer/upstream-registry.ts';

const TIMEOUT_MS = 3_000;

const openApi = z.looseObject({ paths: z.record(z.string(), z.unknown()) }).meta({ id: 'OpenApi' });

/**
 * The services' OpenAPI documents as clients of the gateway see them: with its paths, and only those that it
 * serves.
 */
export function openApiAggregationRoutes(
  declared: () => DeclarativeConfig,
  upstreams: UpstreamRegistry,
): HttpRoute[] {
  return [
    route({
      method: 'get',
      path: '/openapi/:name.json',
      summary: 'What a service offers through this gateway, as OpenAPI',
      tag: 'gateway',
      auth: 'none',
      input: { params: z.strictObject({ name: z.string() }) },
      responses: { 200: openApi },
      errors: [UnknownService, NoInstance, BadGateway],
      handle: async ({ params: { name } }) => {
        const own = routesByHost(declared()).get(name) ?? [];
        const [first] = own;
        if (first?.service === undefined) throw new UnknownService(`No service has the name ${name}.`);
        const upstream = upstreams.resolve(first.service.address);
        const endpoint = upstream.pick();
        if (endpoint === undefined) throw new NoInstance(name, { reason: upstream.emptyReason() });
        const document = await fetchDocument(name, endpoint.url);
        const paths = toPublicPaths(document.paths, own);
        return { status: 200, body: { ...document, servers: [{ url: '/' }], paths } };
      },
    }),
  ];
}

/** Adds the services to the list of `/docs`. */
export function docsIndex(declared: () => DeclarativeConfig): Router {
  const own = { name: 'api-gateway', url: '../openapi.json' };
  const router = Router();
  router.get('/docs/swagger-initializer.js', (_request, response) => {
    const names = [...routesByHost(declared()).keys()];
    const urls = [...names.map((name) => ({ name, url: `../openapi/${name}.json` })), own];
    response.type('application/javascript').send(swaggerInitializer(urls));
  });
  return router;
}

/** Routes by the host of their service. */
function routesByHost({ routes }: DeclarativeConfig): ReadonlyMap<string, readonly RouteEntity[]> {
  return Map.groupBy(
    enabledRoutes(routes).filter(({ service }) => service !== undefined),
    ({ service }) => service?.address.host ?? '',
  );
}

async function fetchDocument(name: string, url: string): Promise<z.output<typeof openApi>> {
  try {
    const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return openApi.parse(await response.json());
  } catch (cause) {
    throw new BadGateway(`${name} does not say what it serves.`, { reason: 'invalid_response', cause });
  }
}

/** The paths of a service that a route serves, as clients write them. */
function toPublicPaths(
  paths: Readonly<Record<string, unknown>>,
  routes: readonly RouteEntity[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, operations]) =>
      routes.flatMap((route) => toPublicPath(path, route)).map((seen) => [seen, operations]),
    ),
  );
}

function toPublicPath(path: string, { service, paths, stripPath }: RouteEntity): string[] {
  const base = service?.path.replace(/\/$/, '') ?? '';
  if (path !== base && !path.startsWith(`${base}/`)) return [];
  const rest = path.slice(base.length);
  const prefixes = paths.flatMap(({ kind, value }) => (kind === 'prefix' ? [value] : []));
  if (stripPath) return prefixes.map((prefix) => prefix.replace(/\/$/, '') + rest);
  return prefixes.some((prefix) => rest.startsWith(prefix)) ? [rest] : [];
}

function swaggerInitializer(urls: readonly { name: string; url: string }[]): string {
  return `window.ui = SwaggerUIBundle({
  urls: ${JSON.stringify(urls)},
  dom_id: '#swagger-ui',
  deepLinking: true,
  layout: 'StandaloneLayout',
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
});
`;
}

import { route, type Route as HttpRoute } from '@plaza/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import type { Declaration, Route } from '../declaration/declaration.ts';
import { servedRoutes } from '../declaration/served-routes.ts';
import { BadGateway, NoInstance, UnknownService } from '../upstream/upstream.errors.ts';
import type { Upstreams } from '../upstream/upstreams.ts';

const TIMEOUT_MS = 3_000;

const openApi = z.looseObject({ paths: z.record(z.string(), z.unknown()) }).meta({ id: 'OpenApi' });

/** The services' own documentation, as it looks from outside: with the gateway's paths, of those that it serves. */
export function serviceDocsRoutes(declared: () => Declaration, upstreams: Upstreams): HttpRoute[] {
  return [
    route({
      method: 'get',
      path: '/openapi/:name.json',
      summary: 'What a service offers through this gateway, as OpenAPI',
      tag: 'gateway',
      auth: 'none',
      input: { params: z.strictObject({ name: z.string() }) },
      answers: { 200: openApi },
      errors: [UnknownService, NoInstance, BadGateway],
      handle: async ({ params: { name } }) => {
        const own = byHost(declared()).get(name) ?? [];
        const [first] = own;
        if (first?.service === undefined) throw new UnknownService(`No service has the name ${name}.`);
        const peer = upstreams.at(first.service.address).pick();
        if (peer === undefined) throw new NoInstance(name);
        const document = await fetchDocument(name, peer.url);
        const paths = outside(document.paths, own);
        return { status: 200, body: { ...document, servers: [{ url: '/' }], paths } };
      },
    }),
  ];
}

/** Makes `/docs` list the services beside the gateway. */
export function docsMenu(declared: () => Declaration): Router {
  const own = { name: 'api-gateway', url: '../openapi.json' };
  const router = Router();
  router.get('/docs/swagger-initializer.js', (_request, response) => {
    const names = [...byHost(declared()).keys()];
    const urls = [...names.map((name) => ({ name, url: `../openapi/${name}.json` })), own];
    response.type('application/javascript').send(initializer(urls));
  });
  return router;
}

/** The routes that lead to a service, by its host. */
function byHost({ routes }: Declaration): ReadonlyMap<string, readonly Route[]> {
  return Map.groupBy(
    servedRoutes(routes).filter(({ service }) => service !== undefined),
    ({ service }) => service?.address.host ?? '',
  );
}

async function fetchDocument(name: string, url: string): Promise<z.output<typeof openApi>> {
  try {
    const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return openApi.parse(await response.json());
  } catch (cause) {
    throw new BadGateway(`${name} does not say what it serves.`, { cause });
  }
}

/** Those paths of a service that a route leads to, as one asks for them here. */
function outside(
  paths: Readonly<Record<string, unknown>>,
  routes: readonly Route[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, operations]) =>
      routes.flatMap((route) => outsidePath(path, route)).map((seen) => [seen, operations]),
    ),
  );
}

function outsidePath(path: string, { service, paths, stripPath }: Route): string[] {
  const base = service?.path.replace(/\/$/, '') ?? '';
  if (path !== base && !path.startsWith(`${base}/`)) return [];
  const rest = path.slice(base.length);
  const prefixes = paths.flatMap(({ kind, value }) => (kind === 'prefix' ? [value] : []));
  if (stripPath) return prefixes.map((prefix) => prefix.replace(/\/$/, '') + rest);
  return prefixes.some((prefix) => rest.startsWith(prefix)) ? [rest] : [];
}

function initializer(urls: readonly { name: string; url: string }[]): string {
  return `window.ui = SwaggerUIBundle({
  urls: ${JSON.stringify(urls)},
  dom_id: '#swagger-ui',
  deepLinking: true,
  layout: 'StandaloneLayout',
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
});
`;
}

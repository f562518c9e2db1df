import { route, type HttpRoute } from '@plaza/service-kit';
import type { Request } from 'express';
import { z } from 'zod';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import { consulRouteDefaults } from './route-defaults.ts';

/** Consul's status API, with which clients check that the registry is alive. */
export function statusRoutes(catalogReader: Pick<CatalogReader, 'cached'>): HttpRoute[] {
  const leader = (request: Request) => (isStoreReachable(catalogReader) ? (request.get('host') ?? '') : '');
  return [
    route({
      ...consulRouteDefaults,
      method: 'get',
      path: '/v1/status/leader',
      summary:
        'The address asked, for as long as the store can be read; else empty, as in Consul without a leader',
      auth: 'none',
      responses: { 200: z.string() },
      handle: ({ request }) => ({ status: 200, body: leader(request) }),
    }),
    route({
      ...consulRouteDefaults,
      method: 'get',
      path: '/v1/status/peers',
      summary: 'The requested address: replicas share a store and need no leader',
      auth: 'none',
      responses: { 200: z.array(z.string()) },
      handle: ({ request }) => ({ status: 200, body: [request.get('host') ?? ''] }),
    }),
  ];
}

function isStoreReachable(catalogReader: Pick<CatalogReader, 'cached'>): boolean {
  const catalogSnapshot = catalogReader.cached();
  return catalogSnapshot !== undefined && catalogSnapshot.staleMs === undefined;
}

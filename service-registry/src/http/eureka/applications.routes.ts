import { route, type RouteReply, type HttpRoute } from '@plaza/service-kit';
import type { Request } from 'express';
import { z } from 'zod';
import { instancesWithId, type Catalog } from '../../domain/catalog.ts';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import type { Instance } from '../../domain/instance.ts';
import type { InstanceStore } from '../../domain/registrations.service.ts';
import { ServiceNotFound } from '../../domain/registry.errors.ts';
import { stalenessHeaders } from '../staleness-headers.ts';
import { applicationsResponse, applicationResponse, instanceResponse } from './response.schemas.ts';
import {
  toApplications,
  toApplication,
  filterApplications,
  findApplicationInstance,
} from './applications.ts';
import { toApplicationsDelta } from './delta.ts';
import { toAppName, toInstanceInfo } from './instance-info.ts';
import { BASE_PATHS, readRouteDefaults } from './route-defaults.ts';
import { negotiateReply } from './content-negotiation.ts';

export interface ApplicationsOptions {
  readonly catalogReader: Pick<CatalogReader, 'read' | 'recentlyChanged'>;
  readonly store: Pick<InstanceStore, 'lastHeartbeats'>;
}

/** Eureka's API to discover instances (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function applicationsRoutes(options: ApplicationsOptions): HttpRoute[] {
  return BASE_PATHS.flatMap((base) => [
    deltaRoute(base, options),
    allRoute(base, options),
    applicationRoute(base, options),
    instanceOfApplicationRoute(base, options),
    instanceRoute(base, options),
    vipRoute(`${base}/vips/:vip`, 'vipAddress', options),
    vipRoute(`${base}/svips/:vip`, 'secureVipAddress', options),
  ]);
}

function allRoute(base: string, { catalogReader }: ApplicationsOptions): HttpRoute {
  return route({
    ...readRouteDefaults,
    path: `${base}/apps`,
    summary: 'All instances of all services',
    responses: { 200: applicationsResponse },
    handle: async ({ request }) => {
      const catalogSnapshot = await catalogReader.read();
      return negotiateReply(
        request,
        toApplications(catalogSnapshot.catalog),
        stalenessHeaders(catalogSnapshot),
      );
    },
  });
}

function deltaRoute(base: string, { catalogReader }: ApplicationsOptions): HttpRoute {
  return route({
    ...readRouteDefaults,
    path: `${base}/apps/delta`,
    summary: 'The instances that changed in the last three minutes',
    responses: { 200: applicationsResponse },
    handle: async ({ request }) => {
      const catalogSnapshot = await catalogReader.read();
      return negotiateReply(
        request,
        toApplicationsDelta(catalogSnapshot.catalog, catalogReader.recentlyChanged()),
        stalenessHeaders(catalogSnapshot),
      );
    },
  });
}

function applicationRoute(base: string, { catalogReader }: ApplicationsOptions): HttpRoute {
  return route({
    ...readRouteDefaults,
    path: `${base}/apps/:app`,
    summary: 'The instances of a service, by its name in any case',
    input: { params: z.object({ app: z.string() }) },
    responses: { 200: applicationResponse },
    errors: [...readRouteDefaults.errors, ServiceNotFound],
    handle: async ({ params: { app }, request }) => {
      const catalogSnapshot = await catalogReader.read();
      const application = toApplication(catalogSnapshot.catalog, app);
      if (application === undefined) throw new ServiceNotFound(`There is no application ${toAppName(app)}.`);
      return negotiateReply(request, application, stalenessHeaders(catalogSnapshot));
    },
  });
}

function instanceOfApplicationRoute(base: string, options: ApplicationsOptions): HttpRoute {
  return route({
    ...readRouteDefaults,
    path: `${base}/apps/:app/:id`,
    summary: 'One instance of a service',
    input: { params: z.object({ app: z.string(), id: z.string() }) },
    responses: { 200: instanceResponse },
    errors: [...readRouteDefaults.errors, ServiceNotFound],
    handle: ({ params: { app, id }, request }) =>
      findInstanceReply(options, request, (catalog) => findApplicationInstance(catalog, app, id)),
  });
}

function instanceRoute(base: string, options: ApplicationsOptions): HttpRoute {
  return route({
    ...readRouteDefaults,
    path: `${base}/instances/:id`,
    summary: 'One instance, by its id alone',
    input: { params: z.object({ id: z.string() }) },
    responses: { 200: instanceResponse },
    errors: [...readRouteDefaults.errors, ServiceNotFound],
    handle: ({ params: { id }, request }) =>
      findInstanceReply(options, request, (catalog) => instancesWithId(catalog, id)[0]),
  });
}

/** With the last renewal of its lease. */
async function findInstanceReply(
  { catalogReader, store }: ApplicationsOptions,
  request: Request,
  find: (catalog: Catalog) => Instance | undefined,
): Promise<RouteReply> {
  const [catalogSnapshot, lastHeartbeat] = await Promise.all([
    catalogReader.read(),
    store.lastHeartbeats().catch(() => () => undefined),
  ]);
  const instance = find(catalogSnapshot.catalog);
  if (instance === undefined) throw new ServiceNotFound('There is no such instance.');
  return negotiateReply(
    request,
    { instance: toInstanceInfo(instance, lastHeartbeat(instance)) },
    stalenessHeaders(catalogSnapshot),
  );
}

/** An instance may have several such addresses, separated by commas. */
function vipRoute(
  path: string,
  field: 'vipAddress' | 'secureVipAddress',
  { catalogReader }: ApplicationsOptions,
): HttpRoute {
  return route({
    ...readRouteDefaults,
    path,
    summary: `The instances that have an address as their ${field}`,
    input: { params: z.object({ vip: z.string() }) },
    responses: { 200: applicationsResponse },
    handle: async ({ params: { vip }, request }) => {
      const catalogSnapshot = await catalogReader.read();
      const named = filterApplications(catalogSnapshot.catalog, (info) =>
        (info[field] ?? '').split(',').includes(vip),
      );
      return negotiateReply(request, named, stalenessHeaders(catalogSnapshot));
    },
  });
}

import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import {
  allInstances,
  serviceIndex,
  instancesOf,
  type Catalog,
  type ServiceEntry,
} from '../../domain/catalog.ts';
import { isPassing, type Instance } from '../../domain/instance.ts';
import { toJsonArray } from '../json-list.ts';
import { memoizeByObject } from '../memoize.ts';
import { toConsulChecks } from './checks.ts';
import { check, healthEntry } from './health-entry.schemas.ts';
import { toHealthEntry } from './health-entry.ts';
import { handleList, consulHeaders, applyFilter, readBlocking, type ListOptions } from './list-endpoint.ts';
import { listRouteDefaults } from './route-defaults.ts';
import {
  matchesFilters,
  isUnfiltered,
  listQuery,
  instanceFilters,
  serviceParams,
  presenceFlag,
} from './query.schemas.ts';

/**
 * Consul's health API, with which clients discover instances
 * (https://developer.hashicorp.com/consul/api-docs/health).
 */
export function healthRoutes(options: ListOptions): HttpRoute[] {
  return [serviceRoute(options), checksRoute(options), stateRoute(options)];
}

const serviceQuery = listQuery(healthEntry).extend({
  ...instanceFilters,
  passing: presenceFlag.meta({ description: 'Only passing instances' }),
});

function serviceRoute(options: ListOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/health/service/:service',
    summary: 'The instances of a service with their checks, at once or when they change',
    input: { params: serviceParams, query: serviceQuery },
    responses: { 200: z.array(healthEntry) },
    handle: async ({ params: { service }, query, request }) => {
      const indexIn = (catalog: Catalog) => serviceIndex(catalog, service);
      const catalogSnapshot = await readBlocking(options, request, query, indexIn);
      const entry = catalogSnapshot.catalog.services.get(service);
      const headers = {
        ...consulHeaders(catalogSnapshot, indexIn(catalogSnapshot.catalog)),
        // Tells an empty list of passing instances from a service without instances.
        'X-Registry-Instances': String(entry?.instances.length ?? 0),
      };
      if (isUnfiltered(query)) {
        const content =
          entry === undefined ? EMPTY_LIST : (query.passing ? passingEntries : allEntries)(entry);
        return { status: 200, contentType: 'application/json', content, headers };
      }
      const asked = (entry?.instances ?? []).filter(
        (instance) => matchesFilters(instance, query) && (!query.passing || isPassing(instance)),
      );
      return { status: 200, body: applyFilter(asked.map(toHealthEntry), query), headers };
    },
  });
}

/**
 * The frequent request without filters, which many clients repeat when a service changes: its bytes are cached until
 * the next change.
 */
const allEntries = memoizeByObject(({ instances }: ServiceEntry) =>
  toJsonArray(instances.map(healthEntryText)),
);
const passingEntries = memoizeByObject(({ instances }: ServiceEntry) =>
  toJsonArray(instances.filter(isPassing).map(healthEntryText)),
);
const healthEntryText = memoizeByObject((instance: Instance) => JSON.stringify(toHealthEntry(instance)));
const EMPTY_LIST = toJsonArray([]);

function checksRoute(options: ListOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/health/checks/:service',
    summary: 'The checks of a service, at once or when one changes',
    input: { params: serviceParams, query: listQuery(check) },
    responses: { 200: z.array(check) },
    handle: ({ params: { service }, ...asked }) =>
      handleList(options, asked, {
        indexIn: (catalog) => serviceIndex(catalog, service),
        items: (catalog) => instancesOf(catalog, service).flatMap((instance) => toConsulChecks(instance)),
      }),
  });
}

function stateRoute(options: ListOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/health/state/:state',
    summary: 'The checks with a status, or all with `any`, at once or when one changes',
    input: { params: z.object({ state: z.string() }), query: listQuery(check) },
    responses: { 200: z.array(check) },
    handle: ({ params: { state }, ...asked }) =>
      handleList(options, asked, {
        indexIn: ({ index }) => index,
        items: (catalog) =>
          allInstances(catalog)
            .flatMap((instance) => toConsulChecks(instance))
            .filter(({ Status }) => state === 'any' || state === Status),
      }),
  });
}

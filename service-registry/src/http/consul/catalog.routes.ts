import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { allInstances, serviceIndex, instancesOf, type Catalog } from '../../domain/catalog.ts';
import type { Instance } from '../../domain/instance.ts';
import { catalogEntry, node, type ConsulCatalogEntry, type ConsulNode } from './health-entry.schemas.ts';
import { toCatalogEntry, DATACENTER, toNode } from './health-entry.ts';
import { handleList, type ListOptions } from './list-endpoint.ts';
import { consulRouteDefaults, listRouteDefaults } from './route-defaults.ts';
import {
  matchesFilters,
  listQuery,
  instanceFilters,
  serviceParams,
  type InstanceFilters,
} from './query.schemas.ts';

/** Consul's catalog API without its writes (https://developer.hashicorp.com/consul/api-docs/catalog). */
export function catalogRoutes(options: ListOptions): HttpRoute[] {
  return [servicesRoute(options), serviceRoute(options), nodesRoute(options), datacentersRoute()];
}

const entryQuery = listQuery(catalogEntry).extend(instanceFilters);

function servicesRoute(options: ListOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/catalog/services',
    summary: 'The names of all services, each with the tags of its instances',
    input: { query: entryQuery },
    responses: { 200: z.record(z.string(), z.array(z.string())) },
    handle: async (asked) => {
      const list = await handleList(options, asked, {
        indexIn: ({ index }) => index,
        items: (catalog) => filterEntries(allInstances(catalog), asked.query),
      });
      return { ...list, body: tagsByService(list.body) };
    },
  });
}

function filterEntries(instances: readonly Instance[], query: InstanceFilters): ConsulCatalogEntry[] {
  return instances.filter((instance) => matchesFilters(instance, query)).map(toCatalogEntry);
}

function tagsByService(entries: readonly ConsulCatalogEntry[]): Record<string, readonly string[]> {
  const services = Map.groupBy(entries, ({ ServiceName }) => ServiceName);
  return Object.fromEntries(
    [...services].map(([service, entries]) => [
      service,
      [...new Set(entries.flatMap(({ ServiceTags }) => ServiceTags))].sort(),
    ]),
  );
}

function serviceRoute(options: ListOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/catalog/service/:service',
    summary: 'The instances of a service in any state, at once or when they change',
    input: { params: serviceParams, query: entryQuery },
    responses: { 200: z.array(catalogEntry) },
    handle: ({ params: { service }, ...asked }) =>
      handleList(options, asked, {
        indexIn: (catalog) => serviceIndex(catalog, service),
        items: (catalog) => filterEntries(instancesOf(catalog, service), asked.query),
      }),
  });
}

function nodesRoute(options: ListOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/catalog/nodes',
    summary: 'The hosts of the instances',
    input: { query: listQuery(node) },
    responses: { 200: z.array(node) },
    handle: (asked) => handleList(options, asked, { indexIn: ({ index }) => index, items: distinctNodes }),
  });
}

function distinctNodes(catalog: Catalog): ConsulNode[] {
  const nodes = new Map(allInstances(catalog).map((instance) => [toNode(instance).Node, toNode(instance)]));
  return [...nodes.values()].sort((one, other) => (one.Node < other.Node ? -1 : 1));
}

function datacentersRoute(): HttpRoute {
  return route({
    ...consulRouteDefaults,
    method: 'get',
    path: '/v1/catalog/datacenters',
    summary: 'The only datacenter',
    auth: 'none',
    responses: { 200: z.array(z.string()) },
    handle: () => ({ status: 200, body: [DATACENTER] }),
  });
}

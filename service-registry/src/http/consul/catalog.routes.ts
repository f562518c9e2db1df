import { route, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { allInstances, indexOf, instancesOf, type Catalogue } from '../../domain/catalogue.ts';
import type { Instance } from '../../domain/instance.ts';
import { catalogEntry, node, type CatalogEntry, type Node } from './entry.schemas.ts';
import { catalogEntryOf, DATACENTER, nodeOf } from './entry.ts';
import { answerList, type ListOptions } from './lists.ts';
import { consul, listing } from './protocol.ts';
import { isAskedFor, listQuery, narrowing, ofService, type Narrowing } from './query.schemas.ts';

/** Consul's catalogue API (https://developer.hashicorp.com/consul/api-docs/catalog), but for its writes. */
export function catalogRoutes(options: ListOptions): Route[] {
  return [servicesRoute(options), serviceRoute(options), nodesRoute(options), datacentersRoute()];
}

const entryQuery = listQuery(catalogEntry).extend(narrowing);

function servicesRoute(options: ListOptions): Route {
  return route({
    ...listing,
    path: '/v1/catalog/services',
    summary: 'The names of all services, each with the tags of its instances',
    input: { query: entryQuery },
    answers: { 200: z.record(z.string(), z.array(z.string())) },
    handle: async (asked) => {
      const list = await answerList(options, asked, {
        indexIn: ({ index }) => index,
        items: (catalogue) => entriesOf(allInstances(catalogue), asked.query),
      });
      return { ...list, body: tagsByService(list.body) };
    },
  });
}

function entriesOf(instances: readonly Instance[], query: Narrowing): CatalogEntry[] {
  return instances.filter((instance) => isAskedFor(instance, query)).map(catalogEntryOf);
}

function tagsByService(entries: readonly CatalogEntry[]): Record<string, readonly string[]> {
  const services = Map.groupBy(entries, ({ ServiceName }) => ServiceName);
  return Object.fromEntries(
    [...services].map(([service, entries]) => [
      service,
      [...new Set(entries.flatMap(({ ServiceTags }) => ServiceTags))].sort(),
    ]),
  );
}

function serviceRoute(options: ListOptions): Route {
  return route({
    ...listing,
    path: '/v1/catalog/service/:service',
    summary: 'The instances of a service, whatever their health, at once or when they change',
    input: { params: ofService, query: entryQuery },
    answers: { 200: z.array(catalogEntry) },
    handle: ({ params: { service }, ...asked }) =>
      answerList(options, asked, {
        indexIn: (catalogue) => indexOf(catalogue, service),
        items: (catalogue) => entriesOf(instancesOf(catalogue, service), asked.query),
      }),
  });
}

function nodesRoute(options: ListOptions): Route {
  return route({
    ...listing,
    path: '/v1/catalog/nodes',
    summary: 'The hosts that instances answer at',
    input: { query: listQuery(node) },
    answers: { 200: z.array(node) },
    handle: (asked) => answerList(options, asked, { indexIn: ({ index }) => index, items: nodesIn }),
  });
}

function nodesIn(catalogue: Catalogue): Node[] {
  const nodes = new Map(allInstances(catalogue).map((instance) => [nodeOf(instance).Node, nodeOf(instance)]));
  return [...nodes.values()].sort((one, other) => (one.Node < other.Node ? -1 : 1));
}

function datacentersRoute(): Route {
  return route({
    ...consul,
    method: 'get',
    path: '/v1/catalog/datacenters',
    summary: 'The one datacentre that there is',
    auth: 'none',
    answers: { 200: z.array(z.string()) },
    handle: () => ({ status: 200, body: [DATACENTER] }),
  });
}

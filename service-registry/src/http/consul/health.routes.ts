import { route, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import {
  allInstances,
  indexOf,
  instancesOf,
  type Catalogue,
  type ServiceEntry,
} from '../../domain/catalogue.ts';
import { isPassing, type Instance } from '../../domain/instance.ts';
import { jsonList, kept } from '../kept.ts';
import { checksOf } from './checks.ts';
import { check, healthEntry } from './entry.schemas.ts';
import { healthEntryOf } from './entry.ts';
import { answerList, consulHeaders, filtered, readBlocking, type ListOptions } from './lists.ts';
import { listing } from './protocol.ts';
import { isAskedFor, isWhole, listQuery, narrowing, ofService, present } from './query.schemas.ts';

/** Consul's health API, by which its clients discover (https://developer.hashicorp.com/consul/api-docs/health). */
export function healthRoutes(options: ListOptions): Route[] {
  return [serviceRoute(options), checksRoute(options), stateRoute(options)];
}

const serviceQuery = listQuery(healthEntry).extend({
  ...narrowing,
  passing: present.meta({ description: 'Only instances that want traffic' }),
});

function serviceRoute(options: ListOptions): Route {
  return route({
    ...listing,
    path: '/v1/health/service/:service',
    summary: 'The instances of a service with their checks, at once or when they change',
    input: { params: ofService, query: serviceQuery },
    answers: { 200: z.array(healthEntry) },
    handle: async ({ params: { service }, query, request }) => {
      const indexIn = (catalogue: Catalogue) => indexOf(catalogue, service);
      const reading = await readBlocking(options, request, query, indexIn);
      const entry = reading.catalogue.services.get(service);
      const headers = consulHeaders(reading, indexIn(reading.catalogue));
      if (isWhole(query)) {
        const content = entry === undefined ? NOBODY : (query.passing ? passing : everybody)(entry);
        return { status: 200, contentType: 'application/json', content, headers };
      }
      const asked = (entry?.instances ?? []).filter(
        (instance) => isAskedFor(instance, query) && (!query.passing || isPassing(instance)),
      );
      return { status: 200, body: filtered(asked.map(healthEntryOf), query), headers };
    },
  });
}

/** What clients ask all the time, and many at once when a service changes: its bytes are kept while it stands. */
const everybody = kept(({ instances }: ServiceEntry) => jsonList(instances.map(healthEntryText)));
const passing = kept(({ instances }: ServiceEntry) =>
  jsonList(instances.filter(isPassing).map(healthEntryText)),
);
const healthEntryText = kept((instance: Instance) => JSON.stringify(healthEntryOf(instance)));
const NOBODY = jsonList([]);

function checksRoute(options: ListOptions): Route {
  return route({
    ...listing,
    path: '/v1/health/checks/:service',
    summary: 'The checks of a service, at once or when one changes',
    input: { params: ofService, query: listQuery(check) },
    answers: { 200: z.array(check) },
    handle: ({ params: { service }, ...asked }) =>
      answerList(options, asked, {
        indexIn: (catalogue) => indexOf(catalogue, service),
        items: (catalogue) => instancesOf(catalogue, service).flatMap((instance) => checksOf(instance)),
      }),
  });
}

function stateRoute(options: ListOptions): Route {
  return route({
    ...listing,
    path: '/v1/health/state/:state',
    summary: 'The checks that have a status, or all with `any`, at once or when one changes',
    input: { params: z.object({ state: z.string() }), query: listQuery(check) },
    answers: { 200: z.array(check) },
    handle: ({ params: { state }, ...asked }) =>
      answerList(options, asked, {
        indexIn: ({ index }) => index,
        items: (catalogue) =>
          allInstances(catalogue)
            .flatMap((instance) => checksOf(instance))
            .filter(({ Status }) => state === 'any' || state === Status),
      }),
  });
}

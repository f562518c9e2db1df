import { route, type Reply, type Route } from '@plaza/service-kit';
import type { Request } from 'express';
import { z } from 'zod';
import { instancesWithId, type Catalogue } from '../../domain/catalogue.ts';
import type { Directory } from '../../domain/directory.ts';
import type { Instance } from '../../domain/instance.ts';
import type { InstanceStore } from '../../domain/registrations.service.ts';
import { ServiceNotFound } from '../../domain/registry.errors.ts';
import { freshness } from '../freshness.ts';
import { allApplications, oneApplication, oneInstance } from './answers.schemas.ts';
import {
  allApplicationsOf,
  applicationOf,
  applicationsWhere,
  deltaOf,
  instanceOfApp,
} from './applications.ts';
import { appOf, instanceInfoOf } from './instance-info.ts';
import { BASES, reading } from './protocol.ts';
import { represented } from './representation.ts';

export interface ApplicationsOptions {
  readonly directory: Pick<Directory, 'read' | 'transitions'>;
  readonly store: Pick<InstanceStore, 'lastHeartbeats'>;
}

/** How Eureka's clients discover (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function applicationsRoutes(options: ApplicationsOptions): Route[] {
  return BASES.flatMap((base) => [
    deltaRoute(base, options),
    allRoute(base, options),
    applicationRoute(base, options),
    instanceOfApplicationRoute(base, options),
    instanceRoute(base, options),
    vipRoute(`${base}/vips/:vip`, 'vipAddress', options),
    vipRoute(`${base}/svips/:vip`, 'secureVipAddress', options),
  ]);
}

function allRoute(base: string, { directory }: ApplicationsOptions): Route {
  return route({
    ...reading,
    path: `${base}/apps`,
    summary: 'All instances of all services',
    answers: { 200: allApplications },
    handle: async ({ request }) => {
      const now = await directory.read();
      return represented(request, allApplicationsOf(now.catalogue), freshness(now));
    },
  });
}

function deltaRoute(base: string, { directory }: ApplicationsOptions): Route {
  return route({
    ...reading,
    path: `${base}/apps/delta`,
    summary: 'The instances that changed in the last three minutes',
    answers: { 200: allApplications },
    handle: async ({ request }) => {
      const now = await directory.read();
      return represented(request, deltaOf(now.catalogue, directory.transitions()), freshness(now));
    },
  });
}

function applicationRoute(base: string, { directory }: ApplicationsOptions): Route {
  return route({
    ...reading,
    path: `${base}/apps/:app`,
    summary: 'The instances of a service, by its name in any case',
    input: { params: z.object({ app: z.string() }) },
    answers: { 200: oneApplication },
    errors: [...reading.errors, ServiceNotFound],
    handle: async ({ params: { app }, request }) => {
      const now = await directory.read();
      const application = applicationOf(now.catalogue, app);
      if (application === undefined) throw new ServiceNotFound(`There is no application ${appOf(app)}.`);
      return represented(request, application, freshness(now));
    },
  });
}

function instanceOfApplicationRoute(base: string, options: ApplicationsOptions): Route {
  return route({
    ...reading,
    path: `${base}/apps/:app/:id`,
    summary: 'One instance of a service',
    input: { params: z.object({ app: z.string(), id: z.string() }) },
    answers: { 200: oneInstance },
    errors: [...reading.errors, ServiceNotFound],
    handle: ({ params: { app, id }, request }) =>
      one(options, request, (catalogue) => instanceOfApp(catalogue, app, id)),
  });
}

function instanceRoute(base: string, options: ApplicationsOptions): Route {
  return route({
    ...reading,
    path: `${base}/instances/:id`,
    summary: 'One instance, by its id alone',
    input: { params: z.object({ id: z.string() }) },
    answers: { 200: oneInstance },
    errors: [...reading.errors, ServiceNotFound],
    handle: ({ params: { id }, request }) =>
      one(options, request, (catalogue) => instancesWithId(catalogue, id)[0]),
  });
}

/** With when its lease was renewed last. */
async function one(
  { directory, store }: ApplicationsOptions,
  request: Request,
  find: (catalogue: Catalogue) => Instance | undefined,
): Promise<Reply> {
  const [now, lastHeartbeat] = await Promise.all([
    directory.read(),
    store.lastHeartbeats().catch(() => () => undefined),
  ]);
  const instance = find(now.catalogue);
  if (instance === undefined) throw new ServiceNotFound('There is no such instance.');
  return represented(
    request,
    { instance: instanceInfoOf(instance, lastHeartbeat(instance)) },
    freshness(now),
  );
}

/** Instances may have several such addresses, with commas between. */
function vipRoute(
  path: string,
  field: 'vipAddress' | 'secureVipAddress',
  { directory }: ApplicationsOptions,
): Route {
  return route({
    ...reading,
    path,
    summary: `The instances that have an address as their ${field}`,
    input: { params: z.object({ vip: z.string() }) },
    answers: { 200: allApplications },
    handle: async ({ params: { vip }, request }) => {
      const now = await directory.read();
      const named = applicationsWhere(now.catalogue, (info) => (info[field] ?? '').split(',').includes(vip));
      return represented(request, named, freshness(now));
    },
  });
}

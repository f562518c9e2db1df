import { Invalid, Unauthorized } from '@plaza/errors';
import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { EMPTY_CATALOG } from '../../domain/catalog.ts';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import { extractDefinition, type Instance } from '../../domain/instance.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import {
  DeclarationTooLong,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../../domain/registry.errors.ts';
import { findApplicationInstance } from './applications.ts';
import { parseEurekaDetails } from './eureka-details.ts';
import { toAppName } from './instance-info.ts';
import { metadata, MAX_METADATA_ENTRIES, registrationBody } from './instance.schemas.ts';
import { BASE_PATHS, type WriteRouteDefaults } from './route-defaults.ts';
import { parseVersionAndWeight, toUpsert } from './registration.ts';
import { toInstanceState, EUREKA_STATUSES } from './statuses.ts';

export interface InstanceRoutesOptions {
  readonly catalogReader: Pick<CatalogReader, 'cached' | 'read'>;
  readonly registrations: Registrations;
  readonly writeDefaults: WriteRouteDefaults;
}

/** Eureka's API to register and renew (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function instanceRoutes(options: InstanceRoutesOptions): HttpRoute[] {
  return BASE_PATHS.flatMap((base) => [
    registerRoute(base, options),
    renewRoute(base, options),
    cancelRoute(base, options),
    overrideRoute(base, options),
    endOverrideRoute(base, options),
    metadataRoute(base, options),
  ]);
}

const appParams = z.object({ app: z.string() });
const instanceParams = appParams.extend({ id: z.string() });
const errors = [Unauthorized, NothingKnown, ServiceNotFound];

function registerRoute(base: string, { registrations, writeDefaults }: InstanceRoutesOptions): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'post',
    path: `${base}/apps/:app`,
    summary: 'Register or update an instance of a service',
    input: { params: appParams, body: registrationBody },
    responses: { 204: null },
    errors: [...writeDefaults.errors, RegistryFull, DeclarationTooLong],
    handle: async ({ params: { app }, body }) => {
      if (toAppName(app) !== toAppName(body.app))
        throw new Invalid(`Mismatched appName, expecting ${toAppName(app)} but was ${toAppName(body.app)}`);
      await registrations.register(toUpsert(body));
      return { status: 204 };
    },
  });
}

const renewQuery = z.object({
  status: z.string().optional().meta({ description: 'Ignored, as in Eureka: a change needs a registration' }),
  lastDirtyTimestamp: z.coerce.number().optional().meta({
    description: 'Later than the registered one: 404, so that the client registers',
  }),
});

function renewRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: InstanceRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'put',
    path: `${base}/apps/:app/:id`,
    summary: 'Renew the lease of an instance',
    input: { params: instanceParams, query: renewQuery },
    responses: { 200: null },
    errors,
    handle: async ({ params: { app, id }, query: { lastDirtyTimestamp = 0 } }) => {
      const isCurrent = (instance: Instance | undefined): instance is Instance =>
        instance !== undefined && lastDirtyTimestamp <= lastDirtyTimestampOf(instance);
      const known = findApplicationInstance(catalogReader.cached()?.catalog ?? EMPTY_CATALOG, app, id);
      // This replica's data may be older than what the client sent to another replica.
      const instance = isCurrent(known)
        ? known
        : findApplicationInstance((await catalogReader.read()).catalog, app, id);
      if (!isCurrent(instance))
        throw new ServiceNotFound('Register: there is no such instance, or it has changed.');
      await registrations.renew({ service: instance.service, instanceId: id });
      return { status: 200 };
    },
  });
}
/** By the client's clock; an instance without a timestamp is never older. */
function lastDirtyTimestampOf(instance: Instance): number {
  return parseEurekaDetails(instance)?.lastDirtyTimestamp ?? Number.POSITIVE_INFINITY;
}

/** @throws {ServiceNotFound} */
async function findInstance(
  catalogReader: Pick<CatalogReader, 'read'>,
  app: string,
  id: string,
): Promise<Instance> {
  const instance = findApplicationInstance((await catalogReader.read()).catalog, app, id);
  if (instance === undefined) throw new ServiceNotFound(`${toAppName(app)} has no instance ${id}.`);
  return instance;
}

function cancelRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: InstanceRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'delete',
    path: `${base}/apps/:app/:id`,
    summary: 'Unregister an instance',
    input: { params: instanceParams },
    responses: { 200: null },
    errors,
    handle: async ({ params: { app, id } }) => {
      const { service, instanceId } = await findInstance(catalogReader, app, id);
      await registrations.unregister({ service, instanceId });
      return { status: 200 };
    },
  });
}

const statusQuery = z.object({
  value: z.enum(EUREKA_STATUSES, `must be one of ${EUREKA_STATUSES.join(', ')}`),
});

function overrideRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: InstanceRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'put',
    path: `${base}/apps/:app/:id/status`,
    summary: 'Override the status of an instance',
    input: { params: instanceParams, query: statusQuery },
    responses: { 200: null },
    errors,
    handle: async ({ params: { app, id }, query: { value } }) => {
      const { service, instanceId } = await findInstance(catalogReader, app, id);
      const override = { state: toInstanceState(value), reason: `${value} by Eureka's API`, label: value };
      await registrations.override({ service, instanceId }, override);
      return { status: 200 };
    },
  });
}

function endOverrideRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: InstanceRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'delete',
    path: `${base}/apps/:app/:id/status`,
    summary: 'End the override: the status is again the reported one',
    input: { params: instanceParams },
    responses: { 200: null },
    errors,
    handle: async ({ params: { app, id } }) => {
      const { service, instanceId } = await findInstance(catalogReader, app, id);
      await registrations.override({ service, instanceId }, undefined);
      return { status: 200 };
    },
  });
}

function metadataRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: InstanceRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'put',
    path: `${base}/apps/:app/:id/metadata`,
    summary: 'Set metadata of an instance by query parameters, until it registers again',
    input: { params: instanceParams, query: metadata },
    responses: { 200: null },
    errors: [...errors, RegistryFull, DeclarationTooLong],
    handle: async ({ params: { app, id }, query }) => {
      const instance = await findInstance(catalogReader, app, id);
      const definition = extractDefinition(instance);
      const all = { ...definition.metadata, ...query };
      if (Object.keys(all).length > MAX_METADATA_ENTRIES)
        throw new Invalid(`The instance would have more than ${MAX_METADATA_ENTRIES} entries of metadata.`);
      await registrations.register({
        definition: {
          ...definition,
          metadata: all,
          ...(instance.protocol === 'eureka' ? parseVersionAndWeight(all) : {}),
        },
        state: instance.reportedState,
        ttlMs: instance.ttlMs,
      });
      return { status: 200 };
    },
  });
}

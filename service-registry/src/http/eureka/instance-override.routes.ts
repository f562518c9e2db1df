import { Invalid } from '@plaza/errors';
import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { extractDefinition } from '../../domain/instance.ts';
import { DeclarationTooLong, RegistryFull } from '../../domain/registry.errors.ts';
import { findInstance, instanceErrors, instanceParams } from './instance-lookup.ts';
import { metadata, MAX_METADATA_ENTRIES } from './instance.schemas.ts';
import { parseVersionAndWeight } from './registration.ts';
import type { WriteRoutesOptions } from './route-defaults.ts';
import { EUREKA_STATUSES, toInstanceState } from './statuses.ts';

/** Eureka's API to change the status and the metadata of an instance from outside. */
export function instanceOverrideRoutes(base: string, options: WriteRoutesOptions): HttpRoute[] {
  return [overrideRoute(base, options), endOverrideRoute(base, options), metadataRoute(base, options)];
}

const statusQuery = z.object({
  value: z.enum(EUREKA_STATUSES, `must be one of ${EUREKA_STATUSES.join(', ')}`),
});

function overrideRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: WriteRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'put',
    path: `${base}/apps/:app/:id/status`,
    summary: 'Override the status of an instance',
    input: { params: instanceParams, query: statusQuery },
    responses: { 200: null },
    errors: instanceErrors,
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
  { catalogReader, registrations, writeDefaults }: WriteRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'delete',
    path: `${base}/apps/:app/:id/status`,
    summary: 'End the override: the status is again the reported one',
    input: { params: instanceParams },
    responses: { 200: null },
    errors: instanceErrors,
    handle: async ({ params: { app, id } }) => {
      const { service, instanceId } = await findInstance(catalogReader, app, id);
      await registrations.override({ service, instanceId }, undefined);
      return { status: 200 };
    },
  });
}

function metadataRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: WriteRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'put',
    path: `${base}/apps/:app/:id/metadata`,
    summary: 'Set metadata of an instance by query parameters, until it registers again',
    input: { params: instanceParams, query: metadata },
    responses: { 200: null },
    errors: [...instanceErrors, RegistryFull, DeclarationTooLong],
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

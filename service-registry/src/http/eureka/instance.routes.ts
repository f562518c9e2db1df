import { Invalid } from '@plaza/errors';
import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { EMPTY_CATALOG } from '../../domain/catalog.ts';
import type { Instance } from '../../domain/instance.ts';
import { DeclarationTooLong, RegistryFull, ServiceNotFound } from '../../domain/registry.errors.ts';
import { findApplicationInstance } from './applications.ts';
import { parseEurekaDetails } from './eureka-details.ts';
import { toAppName } from './instance-info.ts';
import { findInstance, instanceErrors, instanceParams } from './instance-lookup.ts';
import { instanceOverrideRoutes } from './instance-override.routes.ts';
import { registrationBody } from './instance.schemas.ts';
import { BASE_PATHS, type WriteRoutesOptions } from './route-defaults.ts';
import { toUpsert } from './registration.ts';

/** Eureka's API to register and renew (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function instanceRoutes(options: WriteRoutesOptions): HttpRoute[] {
  return BASE_PATHS.flatMap((base) => [
    registerRoute(base, options),
    renewRoute(base, options),
    cancelRoute(base, options),
    ...instanceOverrideRoutes(base, options),
  ]);
}

const appParams = z.object({ app: z.string() });

function registerRoute(base: string, { registrations, writeDefaults }: WriteRoutesOptions): HttpRoute {
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
  { catalogReader, registrations, writeDefaults }: WriteRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'put',
    path: `${base}/apps/:app/:id`,
    summary: 'Renew the lease of an instance',
    input: { params: instanceParams, query: renewQuery },
    responses: { 200: null },
    errors: instanceErrors,
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

function cancelRoute(
  base: string,
  { catalogReader, registrations, writeDefaults }: WriteRoutesOptions,
): HttpRoute {
  return route({
    ...writeDefaults,
    method: 'delete',
    path: `${base}/apps/:app/:id`,
    summary: 'Unregister an instance',
    input: { params: instanceParams },
    responses: { 200: null },
    errors: instanceErrors,
    handle: async ({ params: { app, id } }) => {
      const { service, instanceId } = await findInstance(catalogReader, app, id);
      await registrations.unregister({ service, instanceId });
      return { status: 200 };
    },
  });
}

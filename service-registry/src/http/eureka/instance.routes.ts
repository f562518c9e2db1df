import { Invalid, Unauthorized } from '@plaza/errors';
import { route, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { NO_CATALOGUE } from '../../domain/catalogue.ts';
import type { Directory } from '../../domain/directory.ts';
import { declarationOf, type Instance } from '../../domain/instance.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import {
  DeclarationTooLong,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../../domain/registry.errors.ts';
import { instanceOfApp } from './applications.ts';
import { eurekaDetailsOf } from './details.ts';
import { appOf } from './instance-info.ts';
import { metadata, MOST_ENTRIES, registration } from './instance.schemas.ts';
import { BASES, type Writing } from './protocol.ts';
import { factsIn, upsertFrom } from './registration.ts';
import { stateFor, STATUSES } from './statuses.ts';

export interface InstanceRoutesOptions {
  readonly directory: Pick<Directory, 'known' | 'read'>;
  readonly registrations: Registrations;
  readonly writing: Writing;
}

/** How Eureka's clients register and renew (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function instanceRoutes(options: InstanceRoutesOptions): Route[] {
  return BASES.flatMap((base) => [
    registerRoute(base, options),
    renewRoute(base, options),
    cancelRoute(base, options),
    overrideRoute(base, options),
    endOverrideRoute(base, options),
    metadataRoute(base, options),
  ]);
}

const ofApp = z.object({ app: z.string() });
const ofInstance = ofApp.extend({ id: z.string() });
const errors = [Unauthorized, NothingKnown, ServiceNotFound];

function registerRoute(base: string, { registrations, writing }: InstanceRoutesOptions): Route {
  return route({
    ...writing,
    method: 'post',
    path: `${base}/apps/:app`,
    summary: 'Register an instance of a service, or say anew what it is',
    input: { params: ofApp, body: registration },
    answers: { 204: null },
    errors: [...writing.errors, RegistryFull, DeclarationTooLong],
    handle: async ({ params: { app }, body }) => {
      if (appOf(app) !== appOf(body.app))
        throw new Invalid(`Mismatched appName, expecting ${appOf(app)} but was ${appOf(body.app)}`);
      await registrations.register(upsertFrom(body));
      return { status: 204 };
    },
  });
}

const renewal = z.object({
  status: z
    .string()
    .optional()
    .meta({ description: 'Taken and ignored, as in Eureka: a change is registered' }),
  lastDirtyTimestamp: z.coerce.number().optional().meta({
    description: 'A later one than was registered is answered with a 404, so that it is registered',
  }),
});

function renewRoute(base: string, { directory, registrations, writing }: InstanceRoutesOptions): Route {
  return route({
    ...writing,
    method: 'put',
    path: `${base}/apps/:app/:id`,
    summary: 'Say that an instance is alive',
    input: { params: ofInstance, query: renewal },
    answers: { 200: null },
    errors,
    handle: async ({ params: { app, id }, query: { lastDirtyTimestamp = 0 } }) => {
      const isCurrent = (instance: Instance | undefined): instance is Instance =>
        instance !== undefined && lastDirtyTimestamp <= registeredOf(instance);
      const known = instanceOfApp(directory.known()?.catalogue ?? NO_CATALOGUE, app, id);
      // What this replica knows may be older than what the client said to another.
      const instance = isCurrent(known) ? known : instanceOfApp((await directory.read()).catalogue, app, id);
      if (!isCurrent(instance))
        throw new ServiceNotFound('Register: there is no such instance, or it has changed.');
      await registrations.renew({ service: instance.service, instanceId: id });
      return { status: 200 };
    },
  });
}
/** By the client's own clock; whoever never said is never older. */
function registeredOf(instance: Instance): number {
  return eurekaDetailsOf(instance)?.lastDirtyTimestamp ?? Number.POSITIVE_INFINITY;
}

/** @throws {ServiceNotFound} */
async function find(directory: Pick<Directory, 'read'>, app: string, id: string): Promise<Instance> {
  const instance = instanceOfApp((await directory.read()).catalogue, app, id);
  if (instance === undefined) throw new ServiceNotFound(`${appOf(app)} has no instance ${id}.`);
  return instance;
}

function cancelRoute(base: string, { directory, registrations, writing }: InstanceRoutesOptions): Route {
  return route({
    ...writing,
    method: 'delete',
    path: `${base}/apps/:app/:id`,
    summary: 'Take an instance out',
    input: { params: ofInstance },
    answers: { 200: null },
    errors,
    handle: async ({ params: { app, id } }) => {
      const { service, instanceId } = await find(directory, app, id);
      await registrations.unregister({ service, instanceId });
      return { status: 200 };
    },
  });
}

const statusQuery = z.object({ value: z.enum(STATUSES, `must be one of ${STATUSES.join(', ')}`) });

function overrideRoute(base: string, { directory, registrations, writing }: InstanceRoutesOptions): Route {
  return route({
    ...writing,
    method: 'put',
    path: `${base}/apps/:app/:id/status`,
    summary: 'Override the status of an instance',
    input: { params: ofInstance, query: statusQuery },
    answers: { 200: null },
    errors,
    handle: async ({ params: { app, id }, query: { value } }) => {
      const { service, instanceId } = await find(directory, app, id);
      const override = { state: stateFor(value), reason: `${value} by Eureka's API`, label: value };
      await registrations.override({ service, instanceId }, override);
      return { status: 200 };
    },
  });
}

function endOverrideRoute(base: string, { directory, registrations, writing }: InstanceRoutesOptions): Route {
  return route({
    ...writing,
    method: 'delete',
    path: `${base}/apps/:app/:id/status`,
    summary: 'End the override: the status is again what the instance says',
    input: { params: ofInstance },
    answers: { 200: null },
    errors,
    handle: async ({ params: { app, id } }) => {
      const { service, instanceId } = await find(directory, app, id);
      await registrations.override({ service, instanceId }, undefined);
      return { status: 200 };
    },
  });
}

function metadataRoute(base: string, { directory, registrations, writing }: InstanceRoutesOptions): Route {
  return route({
    ...writing,
    method: 'put',
    path: `${base}/apps/:app/:id/metadata`,
    summary: 'Set metadata of an instance, each as a parameter, until it registers again',
    input: { params: ofInstance, query: metadata },
    answers: { 200: null },
    errors: [...errors, RegistryFull, DeclarationTooLong],
    handle: async ({ params: { app, id }, query }) => {
      const instance = await find(directory, app, id);
      const declaration = declarationOf(instance);
      const all = { ...declaration.metadata, ...query };
      if (Object.keys(all).length > MOST_ENTRIES)
        throw new Invalid(`The instance would have more than ${MOST_ENTRIES} entries of metadata.`);
      await registrations.register({
        declaration: {
          ...declaration,
          metadata: all,
          ...(instance.protocol === 'eureka' ? factsIn(all) : {}),
        },
        state: instance.declared,
        ttlMs: instance.ttlMs,
      });
      return { status: 200 };
    },
  });
}

import { route, type Route } from '@plaza/service-kit';
import type { Directory } from '../domain/directory.ts';
import type { InstanceStore, Registrations } from '../domain/registrations.service.ts';
import {
  DeclarationTooLong,
  InstanceAmbiguous,
  InstanceSuperseded,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../domain/registry.errors.ts';
import type { LastHeartbeat } from '../domain/vitals.ts';
import { sharedRun } from '../domain/shared-run.ts';
import { freshness } from './freshness.ts';
import { refuseOtherName, upsertOf } from './registration-body.ts';
import {
  courseErrors,
  done,
  doneInWords,
  heartbeat,
  named,
  registration,
  services,
  whichInstance,
} from './registrations.schemas.ts';
import { serviceList } from './service-list.ts';

export interface RegistrationRoutesOptions {
  readonly registrations: Registrations;
  readonly directory: Directory;
  readonly store: Pick<InstanceStore, 'lastHeartbeats'>;
  /** Milliseconds of silence after which whoever names no ttlMs goes. */
  readonly silenceMs: number;
}

const course = { tag: 'The courses’ calls', errorFormat: courseErrors } as const;

/** The four calls of the courses, over instances. */
export function registrationRoutes(options: RegistrationRoutesOptions): Route[] {
  return [registerRoute(options), servicesRoute(options), heartbeatRoute(options), unregisterRoute(options)];
}

function registerRoute({ registrations, silenceMs }: RegistrationRoutesOptions): Route {
  return route({
    ...course,
    method: 'post',
    path: '/register',
    summary: 'Register an instance of a service, or say anew what it is',
    auth: 'required',
    input: { body: registration },
    answers: { 200: doneInWords },
    errors: [InstanceSuperseded, RegistryFull, DeclarationTooLong],
    handle: async ({ body }) => {
      await registrations.register(upsertOf(body, silenceMs));
      return said(`Service ${body.serviceName} registered successfully`);
    },
  });
}

function servicesRoute({ directory, store }: RegistrationRoutesOptions): Route {
  const list = sharedRun(async () => {
    const [reading, lastHeartbeat] = await Promise.all([directory.read(), heartbeatsIn(store)]);
    return { content: serviceList(reading.catalogue, lastHeartbeat), headers: freshness(reading) };
  });
  return route({
    ...course,
    method: 'get',
    path: '/services',
    summary: 'Everybody who is registered, whatever their state',
    auth: 'none',
    answers: { 200: services },
    errors: [NothingKnown],
    handle: async () => {
      const { content, headers } = await list();
      return { status: 200, contentType: 'application/json', content, headers };
    },
  });
}

function heartbeatRoute({ registrations, silenceMs }: RegistrationRoutesOptions): Route {
  return route({
    ...course,
    method: 'post',
    path: '/heartbeat/:serviceName',
    summary: 'Say that an instance is alive; with all that a registration says, register it as well',
    auth: 'required',
    input: { params: named, body: heartbeat },
    answers: { 200: done },
    errors: [ServiceNotFound, InstanceAmbiguous, InstanceSuperseded, RegistryFull, DeclarationTooLong],
    handle: async ({ params: { serviceName }, body }) => {
      refuseOtherName(serviceName, body.serviceName);
      const { instanceId, serviceUrl, incarnation, state } = body;
      if (instanceId !== undefined && serviceUrl !== undefined) {
        await registrations.register(upsertOf({ ...body, serviceName, serviceUrl }, silenceMs));
      } else {
        const selector = { service: serviceName, instanceId, url: serviceUrl, incarnation };
        await registrations.renew(selector, state);
      }
      return { status: 200, body: { success: true } };
    },
  });
}

function unregisterRoute({ registrations }: RegistrationRoutesOptions): Route {
  return route({
    ...course,
    method: 'delete',
    path: '/unregister/:serviceName',
    summary: 'Take an instance out',
    auth: 'required',
    input: { params: named, query: whichInstance },
    answers: { 200: doneInWords },
    errors: [ServiceNotFound, InstanceAmbiguous, InstanceSuperseded],
    handle: async ({ params: { serviceName }, query: { serviceUrl: url, ...which } }) => {
      await registrations.unregister({ service: serviceName, url, ...which });
      return said(`Service ${serviceName} unregistered successfully`);
    },
  });
}

function said(message: string) {
  return { status: 200, body: { success: true, message } };
}

/** While the store is away there are none, and the catalogue alone answers. */
async function heartbeatsIn(store: Pick<InstanceStore, 'lastHeartbeats'>): Promise<LastHeartbeat> {
  return store.lastHeartbeats().catch(() => () => undefined);
}

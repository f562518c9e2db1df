import { freshSingleFlight } from '@plaza/concurrency';
import { route, type HttpRoute } from '@plaza/service-kit';
import type { CatalogReader } from '../domain/catalog-reader.ts';
import type { InstanceStore, Registrations } from '../domain/registrations.service.ts';
import {
  DeclarationTooLong,
  InstanceAmbiguous,
  InstanceSuperseded,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../domain/registry.errors.ts';
import type { LastHeartbeatLookup } from '../domain/liveness.ts';
import { stalenessHeaders } from './staleness-headers.ts';
import { assertSameServiceName, toUpsert } from './registration-body.ts';
import {
  courseErrorFormat,
  successResponse,
  messageResponse,
  heartbeatBody,
  serviceNameParams,
  registrationBody,
  servicesResponse,
  instanceQuery,
} from './registrations.schemas.ts';
import { serializeServiceList } from './service-list.ts';

export interface RegistrationRoutesOptions {
  readonly registrations: Registrations;
  readonly catalogReader: CatalogReader;
  readonly store: Pick<InstanceStore, 'lastHeartbeats'>;
  /** Milliseconds without a heartbeat after which an instance without `ttlMs` expires. */
  readonly silenceMs: number;
}

const routeDefaults = { tag: 'The courses’ calls', errorFormat: courseErrorFormat } as const;

/** The four calls of the courses. */
export function registrationRoutes(options: RegistrationRoutesOptions): HttpRoute[] {
  return [registerRoute(options), servicesRoute(options), heartbeatRoute(options), unregisterRoute(options)];
}

function registerRoute({ registrations, silenceMs }: RegistrationRoutesOptions): HttpRoute {
  return route({
    ...routeDefaults,
    method: 'post',
    path: '/register',
    summary: 'Register or update an instance of a service',
    auth: 'required',
    input: { body: registrationBody },
    responses: { 200: messageResponse },
    errors: [InstanceSuperseded, RegistryFull, DeclarationTooLong],
    handle: async ({ body }) => {
      await registrations.register(toUpsert(body, silenceMs));
      return successWithMessage(`Service ${body.serviceName} registered successfully`);
    },
  });
}

function servicesRoute({ catalogReader, store }: RegistrationRoutesOptions): HttpRoute {
  const list = freshSingleFlight(async () => {
    const [catalogSnapshot, lastHeartbeat] = await Promise.all([
      catalogReader.read(),
      readLastHeartbeats(store),
    ]);
    return {
      content: serializeServiceList(catalogSnapshot.catalog, lastHeartbeat),
      headers: stalenessHeaders(catalogSnapshot),
    };
  });
  return route({
    ...routeDefaults,
    method: 'get',
    path: '/services',
    summary: 'All registered instances, in any state',
    auth: 'none',
    responses: { 200: servicesResponse },
    errors: [NothingKnown],
    handle: async () => {
      const { content, headers } = await list();
      return { status: 200, contentType: 'application/json', content, headers };
    },
  });
}

function heartbeatRoute({ registrations, silenceMs }: RegistrationRoutesOptions): HttpRoute {
  return route({
    ...routeDefaults,
    method: 'post',
    path: '/heartbeat/:serviceName',
    summary: 'Send a heartbeat; with the data of a registration, register the instance as well',
    auth: 'required',
    input: { params: serviceNameParams, body: heartbeatBody },
    responses: { 200: successResponse },
    errors: [ServiceNotFound, InstanceAmbiguous, InstanceSuperseded, RegistryFull, DeclarationTooLong],
    handle: async ({ params: { serviceName }, body }) => {
      assertSameServiceName(serviceName, body.serviceName);
      const { instanceId, serviceUrl, incarnation, state } = body;
      if (instanceId !== undefined && serviceUrl !== undefined) {
        await registrations.register(toUpsert({ ...body, serviceName, serviceUrl }, silenceMs));
      } else {
        const ref = { service: serviceName, instanceId, url: serviceUrl, incarnation };
        await registrations.renew(ref, state);
      }
      return { status: 200, body: { success: true } };
    },
  });
}

function unregisterRoute({ registrations }: RegistrationRoutesOptions): HttpRoute {
  return route({
    ...routeDefaults,
    method: 'delete',
    path: '/unregister/:serviceName',
    summary: 'Unregister an instance',
    auth: 'required',
    input: { params: serviceNameParams, query: instanceQuery },
    responses: { 200: messageResponse },
    errors: [ServiceNotFound, InstanceAmbiguous, InstanceSuperseded],
    handle: async ({ params: { serviceName }, query: { serviceUrl: url, ...which } }) => {
      await registrations.unregister({ service: serviceName, url, ...which });
      return successWithMessage(`Service ${serviceName} unregistered successfully`);
    },
  });
}

function successWithMessage(message: string) {
  return { status: 200, body: { success: true, message } };
}

/** Empty while the store is away: the catalog alone is the answer. */
async function readLastHeartbeats(
  store: Pick<InstanceStore, 'lastHeartbeats'>,
): Promise<LastHeartbeatLookup> {
  return store.lastHeartbeats().catch(() => () => undefined);
}

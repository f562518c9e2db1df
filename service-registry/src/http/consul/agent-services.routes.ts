import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { allInstances, instancesOf, type Catalog } from '../../domain/catalog.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import {
  DeclarationTooLong,
  InstanceAmbiguous,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../../domain/registry.errors.ts';
import { stalenessHeaders } from '../staleness-headers.ts';
import type { ConsulAgent } from './agent.ts';
import { singleLineText } from './body.schemas.ts';
import { agentService, hashedAgentService } from './health-entry.schemas.ts';
import { toAgentService } from './health-entry.ts';
import { indexById } from './index-by-id.ts';
import { applyFilter, readBlocking, type ListOptions } from './list-endpoint.ts';
import { clientIp } from '../address.ts';
import { listRouteDefaults, type WriteRouteFactory } from './route-defaults.ts';
import { agentQuery, listQuery, presenceFlag } from './query.schemas.ts';
import { toInstanceDefinition } from './service-definition.ts';
import { serviceDefinition } from './service-definition.schemas.ts';

export interface AgentServicesOptions extends ListOptions {
  readonly agent: ConsulAgent;
  readonly registrations: Pick<Registrations, 'unregister' | 'override'>;
  readonly write: WriteRouteFactory;
}

/**
 * The agent's services API, with which clients register
 * (https://developer.hashicorp.com/consul/api-docs/agent/service).
 */
export function agentServicesRoutes(options: AgentServicesOptions): HttpRoute[] {
  return [
    servicesRoute(options),
    registerRoute(options),
    deregisterRoute(options),
    maintenanceRoute(options),
    serviceRoute(options),
  ];
}

function servicesRoute({ catalogReader }: AgentServicesOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/agent/services',
    summary: 'All instances of all services, by id',
    input: { query: agentQuery(agentService) },
    responses: { 200: z.record(z.string(), agentService) },
    handle: async ({ query }) => {
      const catalogSnapshot = await catalogReader.read();
      const services = applyFilter(allInstances(catalogSnapshot.catalog).map(toAgentService), query);
      const body = indexById(
        services,
        ({ ID }) => ID,
        ({ Service }) => Service,
      );
      return { status: 200, body, headers: stalenessHeaders(catalogSnapshot) };
    },
  });
}

function registerRoute({ agent, write }: AgentServicesOptions): HttpRoute {
  return write({
    path: '/v1/agent/service/register',
    summary: 'Register or update an instance with its checks',
    input: {
      body: serviceDefinition,
      query: z.object({
        'replace-existing-checks': presenceFlag.meta({
          description: 'Remove the checks that the body does not have',
        }),
      }),
    },
    errors: [NothingKnown, RegistryFull, DeclarationTooLong],
    run: ({ body, query, request }) =>
      agent.register(toInstanceDefinition(body, clientIp(request)), query['replace-existing-checks']),
  });
}

const idParams = z.object({ id: z.string() });

function deregisterRoute({ agent, registrations, write }: AgentServicesOptions): HttpRoute {
  return write({
    path: '/v1/agent/service/deregister/:id',
    summary: 'Unregister an instance',
    input: { params: idParams },
    errors: [NothingKnown, ServiceNotFound, InstanceAmbiguous],
    run: async ({ params }) => {
      const { service, instanceId } = await agent.find(params.id);
      await registrations.unregister({ service, instanceId });
    },
  });
}

const maintenanceQuery = z.object({
  enable: z
    .enum(['true', 'false', '1', '0'], 'must be true or false')
    .transform((text) => text === 'true' || text === '1')
    .meta({ description: 'Start or end maintenance' }),
  reason: singleLineText(512).default(''),
});

function maintenanceRoute({ agent, registrations, write }: AgentServicesOptions): HttpRoute {
  return write({
    path: '/v1/agent/service/maintenance/:id',
    summary: 'Stop the traffic to an instance, or resume it',
    input: { params: idParams, query: maintenanceQuery },
    errors: [NothingKnown, ServiceNotFound, InstanceAmbiguous],
    run: async ({ params, query: { enable, reason } }) => {
      const { service, instanceId } = await agent.find(params.id);
      const override = enable ? ({ state: 'draining', reason } as const) : undefined;
      await registrations.override({ service, instanceId }, override);
    },
  });
}

const hashQuery = listQuery(agentService)
  .pick({ wait: true })
  .extend({
    hash: z.string().default('').meta({ description: 'Respond when X-Consul-ContentHash differs from this' }),
  });

function serviceRoute({ agent, ...options }: AgentServicesOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/agent/service/:id',
    summary: 'One instance, at once or when it changes',
    input: { params: idParams, query: hashQuery },
    responses: { 200: hashedAgentService },
    errors: [...listRouteDefaults.errors, ServiceNotFound, InstanceAmbiguous],
    handle: async ({ params, query, request }) => {
      const instance = await agent.find(params.id);
      const { hash, wait } = query;
      if (hash !== contentHash(instance)) return serviceReply(instance);
      const indexIn = (catalog: Catalog) => findCurrent(catalog, instance)?.modifyIndex ?? 0;
      await readBlocking(options, request, { index: instance.modifyIndex, wait }, indexIn);
      return serviceReply(await agent.find(params.id));
    },
  });
}

function findCurrent(catalog: Catalog, { service, instanceId }: Instance): Instance | undefined {
  return instancesOf(catalog, service).find((instance) => instance.instanceId === instanceId);
}

function serviceReply(instance: Instance) {
  const hash = contentHash(instance);
  return {
    status: 200,
    body: { ...toAgentService(instance), ContentHash: hash },
    headers: { 'X-Consul-ContentHash': hash },
  };
}

/** Another value after each change. */
function contentHash({ modifyIndex }: Instance): string {
  return modifyIndex.toString(16).padStart(16, '0');
}

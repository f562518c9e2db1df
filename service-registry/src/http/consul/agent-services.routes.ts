import { route, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { allInstances, instancesOf, type Catalogue } from '../../domain/catalogue.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import {
  DeclarationTooLong,
  InstanceAmbiguous,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../../domain/registry.errors.ts';
import { freshness } from '../freshness.ts';
import type { Agent } from './agent.ts';
import { line } from './body.schemas.ts';
import { agentService, hashedAgentService } from './entry.schemas.ts';
import { agentServiceOf } from './entry.ts';
import { keyed } from './keyed.ts';
import { filtered, readBlocking, type ListOptions } from './lists.ts';
import { callerOf } from '../place.ts';
import { listing, type Writes } from './protocol.ts';
import { agentQuery, listQuery, present } from './query.schemas.ts';
import { declarationFrom } from './service-definition.ts';
import { serviceDefinition } from './service-definition.schemas.ts';

export interface AgentServicesOptions extends ListOptions {
  readonly agent: Agent;
  readonly registrations: Pick<Registrations, 'unregister' | 'override'>;
  readonly write: Writes;
}

/** How an agent's clients register services (https://developer.hashicorp.com/consul/api-docs/agent/service). */
export function agentServicesRoutes(options: AgentServicesOptions): Route[] {
  return [
    servicesRoute(options),
    registerRoute(options),
    deregisterRoute(options),
    maintenanceRoute(options),
    serviceRoute(options),
  ];
}

function servicesRoute({ directory }: AgentServicesOptions): Route {
  return route({
    ...listing,
    path: '/v1/agent/services',
    summary: 'All instances of all services, by id',
    input: { query: agentQuery(agentService) },
    answers: { 200: z.record(z.string(), agentService) },
    handle: async ({ query }) => {
      const reading = await directory.read();
      const services = filtered(allInstances(reading.catalogue).map(agentServiceOf), query);
      const body = keyed(
        services,
        ({ ID }) => ID,
        ({ Service }) => Service,
      );
      return { status: 200, body, headers: freshness(reading) };
    },
  });
}

function registerRoute({ agent, write }: AgentServicesOptions): Route {
  return write({
    path: '/v1/agent/service/register',
    summary: 'Register an instance with its checks, or say anew what it is',
    input: {
      body: serviceDefinition,
      query: z.object({
        'replace-existing-checks': present.meta({ description: 'Drop the checks that are not named again' }),
      }),
    },
    errors: [NothingKnown, RegistryFull, DeclarationTooLong],
    run: ({ body, query, request }) =>
      agent.register(declarationFrom(body, callerOf(request)), query['replace-existing-checks']),
  });
}

const byId = z.object({ id: z.string() });

function deregisterRoute({ agent, registrations, write }: AgentServicesOptions): Route {
  return write({
    path: '/v1/agent/service/deregister/:id',
    summary: 'Take an instance out',
    input: { params: byId },
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
    .meta({ description: 'Begin or end' }),
  reason: line(512).default(''),
});

function maintenanceRoute({ agent, registrations, write }: AgentServicesOptions): Route {
  return write({
    path: '/v1/agent/service/maintenance/:id',
    summary: 'Keep traffic away from an instance, or let it come again',
    input: { params: byId, query: maintenanceQuery },
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
    hash: z.string().default('').meta({ description: 'Answer once X-Consul-ContentHash is another' }),
  });

function serviceRoute({ agent, ...options }: AgentServicesOptions): Route {
  return route({
    ...listing,
    path: '/v1/agent/service/:id',
    summary: 'One instance, at once or when it changes',
    input: { params: byId, query: hashQuery },
    answers: { 200: hashedAgentService },
    errors: [...listing.errors, ServiceNotFound, InstanceAmbiguous],
    handle: async ({ params, query, request }) => {
      const instance = await agent.find(params.id);
      const { hash, wait } = query;
      if (hash !== contentHash(instance)) return shown(instance);
      const indexIn = (catalogue: Catalogue) => current(catalogue, instance)?.modifyIndex ?? 0;
      await readBlocking(options, request, { index: instance.modifyIndex, wait }, indexIn);
      return shown(await agent.find(params.id));
    },
  });
}

function current(catalogue: Catalogue, { service, instanceId }: Instance): Instance | undefined {
  return instancesOf(catalogue, service).find((instance) => instance.instanceId === instanceId);
}

function shown(instance: Instance) {
  const hash = contentHash(instance);
  return {
    status: 200,
    body: { ...agentServiceOf(instance), ContentHash: hash },
    headers: { 'X-Consul-ContentHash': hash },
  };
}

/** Another one after each change. */
function contentHash({ modifyIndex }: Instance): string {
  return modifyIndex.toString(16).padStart(16, '0');
}

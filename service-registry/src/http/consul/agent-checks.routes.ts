import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { allInstances } from '../../domain/catalog.ts';
import { CHECK_STATUSES, type CheckStatus } from '../../domain/check.ts';
import type { InstanceStore, Registrations } from '../../domain/registrations.service.ts';
import {
  CheckNotFound,
  DeclarationTooLong,
  InstanceAmbiguous,
  NothingKnown,
  RegistryFull,
  ServiceNotFound,
} from '../../domain/registry.errors.ts';
import { EMPTY_LIVENESS, type Liveness } from '../../domain/liveness.ts';
import { stalenessHeaders } from '../staleness-headers.ts';
import { unknownCheckError, type ConsulAgent } from './agent.ts';
import { caseInsensitiveBody } from './body.schemas.ts';
import { toCheckDefinition } from './check-definition.ts';
import { checkRegistration } from './check-definition.schemas.ts';
import { toConsulChecks } from './checks.ts';
import { check } from './health-entry.schemas.ts';
import { indexById } from './index-by-id.ts';
import { applyFilter, type ListOptions } from './list-endpoint.ts';
import { listRouteDefaults, type WriteRouteFactory } from './route-defaults.ts';
import { agentQuery } from './query.schemas.ts';

export interface AgentChecksOptions extends ListOptions {
  readonly agent: ConsulAgent;
  readonly registrations: Pick<Registrations, 'report'>;
  readonly store: Pick<InstanceStore, 'liveness'>;
  readonly write: WriteRouteFactory;
}

/**
 * The agent's checks API, with which clients report their health
 * (https://developer.hashicorp.com/consul/api-docs/agent/check).
 */
export function agentChecksRoutes(options: AgentChecksOptions): HttpRoute[] {
  return [
    checksRoute(options),
    registerRoute(options),
    deregisterRoute(options),
    reportRoute(options, 'pass', 'passing'),
    reportRoute(options, 'warn', 'warning'),
    reportRoute(options, 'fail', 'critical'),
    updateRoute(options),
  ];
}

function checksRoute({ catalogReader, store }: AgentChecksOptions): HttpRoute {
  return route({
    ...listRouteDefaults,
    path: '/v1/agent/checks',
    summary: 'All checks of all instances, by id',
    input: { query: agentQuery(check) },
    responses: { 200: z.record(z.string(), check) },
    handle: async ({ query }) => {
      const [catalogSnapshot, liveness] = await Promise.all([catalogReader.read(), readLiveness(store)]);
      const all = allInstances(catalogSnapshot.catalog).flatMap((instance) =>
        toConsulChecks(instance, liveness),
      );
      const body = indexById(
        applyFilter(all, query),
        ({ CheckID }) => CheckID,
        ({ ServiceName }) => ServiceName,
      );
      return { status: 200, body, headers: stalenessHeaders(catalogSnapshot) };
    },
  });
}

function registerRoute({ agent, write }: AgentChecksOptions): HttpRoute {
  return write({
    path: '/v1/agent/check/register',
    summary: 'Add a check to an instance that was registered through Consul’s API',
    input: { body: checkRegistration },
    errors: [NothingKnown, ServiceNotFound, InstanceAmbiguous, RegistryFull, DeclarationTooLong],
    run: async ({ body }) => {
      const definition = toCheckDefinition(body, body.CheckID || body.ID || body.Name, body.Name);
      await agent.addCheck(body.ServiceID, definition, body.Notes ?? '');
    },
  });
}

const idParams = z.object({ id: z.string() });

function deregisterRoute({ agent, write }: AgentChecksOptions): HttpRoute {
  return write({
    path: '/v1/agent/check/deregister/:id',
    summary: 'Remove a check from its instance',
    input: { params: idParams },
    errors: [NothingKnown, CheckNotFound],
    run: ({ params }) => agent.removeCheck(params.id),
  });
}

function reportRoute(
  { registrations, write }: AgentChecksOptions,
  verb: 'pass' | 'warn' | 'fail',
  status: CheckStatus,
): HttpRoute {
  return write({
    path: `/v1/agent/check/${verb}/:id`,
    summary: `Report a TTL check as ${status}`,
    input: { params: idParams, query: z.object({ note: z.string().default('') }) },
    errors: [CheckNotFound],
    run: ({ params, query }) => reportTtlCheck(registrations, params.id, status, query.note),
  });
}

const statusUpdate = caseInsensitiveBody({
  Status: z.enum(CHECK_STATUSES, 'must be passing, warning or critical'),
  Output: z.string().default(''),
}).meta({ id: 'ConsulStatusUpdate' });

function updateRoute({ registrations, write }: AgentChecksOptions): HttpRoute {
  return write({
    path: '/v1/agent/check/update/:id',
    summary: 'Report the status of a TTL check, with an output',
    input: { params: idParams, body: statusUpdate },
    errors: [CheckNotFound],
    run: ({ params, body }) => reportTtlCheck(registrations, params.id, body.Status, body.Output),
  });
}

/** @throws {CheckNotFound} with Consul's message. */
async function reportTtlCheck(
  registrations: Pick<Registrations, 'report'>,
  checkId: string,
  status: CheckStatus,
  output: string,
): Promise<void> {
  try {
    await registrations.report({ kind: 'ttl', checkId, status, observation: { status, output } });
  } catch (error) {
    throw error instanceof CheckNotFound ? unknownCheckError(checkId) : error;
  }
}

/** Empty while the store is away: the catalog alone is the answer. */
async function readLiveness(store: Pick<InstanceStore, 'liveness'>): Promise<Liveness> {
  return store.liveness().catch(() => EMPTY_LIVENESS);
}

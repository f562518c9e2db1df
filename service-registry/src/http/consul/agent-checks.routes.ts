import { route, type Route } from '@plaza/service-kit';
import { z } from 'zod';
import { allInstances } from '../../domain/catalogue.ts';
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
import { NO_VITALS, type Vitals } from '../../domain/vitals.ts';
import { freshness } from '../freshness.ts';
import { unknownCheck, type Agent } from './agent.ts';
import { looseBody } from './body.schemas.ts';
import { definitionOf } from './check-definition.ts';
import { checkRegistration } from './check-definition.schemas.ts';
import { checksOf } from './checks.ts';
import { check } from './entry.schemas.ts';
import { keyed } from './keyed.ts';
import { filtered, type ListOptions } from './lists.ts';
import { listing, type Writes } from './protocol.ts';
import { agentQuery } from './query.schemas.ts';

export interface AgentChecksOptions extends ListOptions {
  readonly agent: Agent;
  readonly registrations: Pick<Registrations, 'report'>;
  readonly store: Pick<InstanceStore, 'vitals'>;
  readonly write: Writes;
}

/** How an agent's clients say how they are (https://developer.hashicorp.com/consul/api-docs/agent/check). */
export function agentChecksRoutes(options: AgentChecksOptions): Route[] {
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

function checksRoute({ directory, store }: AgentChecksOptions): Route {
  return route({
    ...listing,
    path: '/v1/agent/checks',
    summary: 'All checks of all instances, by id',
    input: { query: agentQuery(check) },
    answers: { 200: z.record(z.string(), check) },
    handle: async ({ query }) => {
      const [reading, vitals] = await Promise.all([directory.read(), vitalsIn(store)]);
      const all = allInstances(reading.catalogue).flatMap((instance) => checksOf(instance, vitals));
      const body = keyed(
        filtered(all, query),
        ({ CheckID }) => CheckID,
        ({ ServiceName }) => ServiceName,
      );
      return { status: 200, body, headers: freshness(reading) };
    },
  });
}

function registerRoute({ agent, write }: AgentChecksOptions): Route {
  return write({
    path: '/v1/agent/check/register',
    summary: 'Give an instance that was registered by Consul’s API one more check',
    input: { body: checkRegistration },
    errors: [NothingKnown, ServiceNotFound, InstanceAmbiguous, RegistryFull, DeclarationTooLong],
    run: async ({ body }) => {
      const definition = definitionOf(body, body.CheckID || body.ID || body.Name, body.Name);
      await agent.addCheck(body.ServiceID, definition, body.Notes ?? '');
    },
  });
}

const byId = z.object({ id: z.string() });

function deregisterRoute({ agent, write }: AgentChecksOptions): Route {
  return write({
    path: '/v1/agent/check/deregister/:id',
    summary: 'Take a check from its instance',
    input: { params: byId },
    errors: [NothingKnown, CheckNotFound],
    run: ({ params }) => agent.removeCheck(params.id),
  });
}

function reportRoute(
  { registrations, write }: AgentChecksOptions,
  verb: 'pass' | 'warn' | 'fail',
  status: CheckStatus,
): Route {
  return write({
    path: `/v1/agent/check/${verb}/:id`,
    summary: `Say of a TTL check that it is ${status}`,
    input: { params: byId, query: z.object({ note: z.string().default('') }) },
    errors: [CheckNotFound],
    run: ({ params, query }) => report(registrations, params.id, status, query.note),
  });
}

const statusUpdate = looseBody({
  Status: z.enum(CHECK_STATUSES, 'must be passing, warning or critical'),
  Output: z.string().default(''),
}).meta({ id: 'ConsulStatusUpdate' });

function updateRoute({ registrations, write }: AgentChecksOptions): Route {
  return write({
    path: '/v1/agent/check/update/:id',
    summary: 'Say of a TTL check how it is, and why',
    input: { params: byId, body: statusUpdate },
    errors: [CheckNotFound],
    run: ({ params, body }) => report(registrations, params.id, body.Status, body.Output),
  });
}

/** @throws {CheckNotFound} in Consul's words. */
async function report(
  registrations: Pick<Registrations, 'report'>,
  checkId: string,
  status: CheckStatus,
  output: string,
): Promise<void> {
  try {
    await registrations.report({ kind: 'ttl', checkId, status, seen: { status, output } });
  } catch (error) {
    throw error instanceof CheckNotFound ? unknownCheck(checkId) : error;
  }
}

/** While the store is away there are none, and the catalogue alone answers. */
async function vitalsIn(store: Pick<InstanceStore, 'vitals'>): Promise<Vitals> {
  return store.vitals().catch(() => NO_VITALS);
}

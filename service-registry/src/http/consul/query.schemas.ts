import { z } from 'zod';
import type { Instance } from '../../domain/instance.ts';
import { serviceName } from '../registrations.schemas.ts';
import { duration } from './durations.ts';
import { filterSchema } from './filter/filter.ts';

/** A flag that is set by its presence, as in Consul. */
export const presenceFlag = z
  .enum(['', '0', '1', 'true', 'false'], 'must be true or false')
  .default('false')
  .transform((text) => text === '' || text === '1' || text === 'true');

/** A parameter that may be repeated. */
const repeatedParameter = z
  .union([z.string().transform((one) => [one]), z.array(z.string()).max(64)])
  .default([]);

const MAX_WAIT_MS = 600_000;
const DEFAULT_WAIT_MS = 300_000;

const blockingQueryFields = {
  index: z
    .string()
    .regex(/^\d{1,15}$/, 'must be an X-Consul-Index')
    .transform(Number)
    .default(0)
    .meta({ description: 'Respond when the list has changed since this X-Consul-Index' }),
  wait: duration
    .default(DEFAULT_WAIT_MS)
    .transform((ms) => Math.min(ms === 0 ? DEFAULT_WAIT_MS : ms, MAX_WAIT_MS))
    .meta({ description: 'Maximum wait, to which up to a sixteenth is added; 10m at most' }),
};

/**
 * The parameters of all lists. Others are ignored: `dc`, `near`, `stale`, `consistent` and `cached` make no
 * difference here.
 */
export function listQuery(schema: z.ZodType) {
  return z.object({ ...blockingQueryFields, filter: filterSchema(schema) });
}

/** The parameters of a list without blocking queries: the agent's. */
export function agentQuery(schema: z.ZodType) {
  return listQuery(schema).pick({ filter: true });
}

export type ListQuery = z.output<ReturnType<typeof listQuery>>;

export const serviceParams = z.object({ service: serviceName });

/** The parameters that restrict a list of instances. */
export const instanceFilters = {
  tag: repeatedParameter.meta({
    description: 'Only instances with this tag; if repeated, with all of them',
  }),
  'node-meta': repeatedParameter.meta({
    description: 'Nodes have no metadata here, so any value matches nothing',
  }),
};

export type InstanceFilters = z.output<z.ZodObject<typeof instanceFilters>>;

/** Whether a query has no restriction. */
export function isUnfiltered({ filter, ...query }: InstanceFilters & Pick<ListQuery, 'filter'>): boolean {
  return filter === undefined && query.tag.length === 0 && query['node-meta'].length === 0;
}

/** Whether an instance matches the query's tags and node metadata. */
export function matchesFilters({ tags }: Pick<Instance, 'tags'>, query: InstanceFilters): boolean {
  return query['node-meta'].length === 0 && query.tag.every((tag) => tags.includes(tag));
}

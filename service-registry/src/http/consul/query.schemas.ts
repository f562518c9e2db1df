import { z } from 'zod';
import type { Instance } from '../../domain/instance.ts';
import { serviceName } from '../registrations.schemas.ts';
import { duration } from './durations.ts';
import { filterSchema } from './filter/filter.ts';

/** A flag that is on by being there, as in Consul. */
export const presenceFlag = z
  .enum(['', '0', '1', 'true', 'false'], 'must be true or false')
  .default('false')
  .transform((text) => text === '' || text === '1' || text === 'true');

/** A parameter that may be said several times. */
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
    .meta({ description: 'Answer once the list is another than at this X-Consul-Index' }),
  wait: duration
    .default(DEFAULT_WAIT_MS)
    .transform((ms) => Math.min(ms === 0 ? DEFAULT_WAIT_MS : ms, MAX_WAIT_MS))
    .meta({ description: 'For at most as long, and up to a sixteenth more; 10m at most' }),
};

/**
 * What all lists take. What is not named is ignored: `dc`, `near`, `stale`, `consistent` and `cached` ask what is
 * the same here whatever is asked.
 */
export function listQuery(schema: z.ZodType) {
  return z.object({ ...blockingQueryFields, filter: filterSchema(schema) });
}

/** What a list takes that is not waited for: an agent's. */
export function agentQuery(schema: z.ZodType) {
  return listQuery(schema).pick({ filter: true });
}

export type ListQuery = z.output<ReturnType<typeof listQuery>>;

export const serviceParams = z.object({ service: serviceName });

/** What narrows a list of instances. */
export const instanceFilters = {
  tag: repeatedParameter.meta({
    description: 'Only instances with this tag; with each of them, where said several times',
  }),
  'node-meta': repeatedParameter.meta({
    description: 'Nodes have no metadata here: with one nothing is found',
  }),
};

export type InstanceFilters = z.output<z.ZodObject<typeof instanceFilters>>;

/** Whether a query narrows nothing. */
export function isUnfiltered({ filter, ...query }: InstanceFilters & Pick<ListQuery, 'filter'>): boolean {
  return filter === undefined && query.tag.length === 0 && query['node-meta'].length === 0;
}

/** Whether a query that narrows by tag or by node asks for an instance. */
export function matchesFilters({ tags }: Pick<Instance, 'tags'>, query: InstanceFilters): boolean {
  return query['node-meta'].length === 0 && query.tag.every((tag) => tags.includes(tag));
}

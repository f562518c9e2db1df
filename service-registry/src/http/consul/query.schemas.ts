import { z } from 'zod';
import type { Instance } from '../../domain/instance.ts';
import { serviceName } from '../registrations.schemas.ts';
import { duration } from './durations.ts';
import { filterOver } from './filter/filter.ts';

/** A flag that is on by being there, as in Consul. */
export const present = z
  .enum(['', '0', '1', 'true', 'false'], 'must be true or false')
  .default('false')
  .transform((text) => text === '' || text === '1' || text === 'true');

/** A parameter that may be said several times. */
const repeated = z.union([z.string().transform((one) => [one]), z.array(z.string()).max(64)]).default([]);

const MOST_WAIT_MS = 600_000;
const WAIT_MS = 300_000;

const blocking = {
  index: z
    .string()
    .regex(/^\d{1,15}$/, 'must be an X-Consul-Index')
    .transform(Number)
    .default(0)
    .meta({ description: 'Answer once the list is another than at this X-Consul-Index' }),
  wait: duration
    .default(WAIT_MS)
    .transform((ms) => Math.min(ms === 0 ? WAIT_MS : ms, MOST_WAIT_MS))
    .meta({ description: 'For at most as long, and up to a sixteenth more; 10m at most' }),
};

/**
 * What all lists take. What is not named is ignored: `dc`, `near`, `stale`, `consistent` and `cached` ask what is
 * the same here whatever is asked.
 */
export function listQuery(schema: z.ZodType) {
  return z.object({ ...blocking, filter: filterOver(schema) });
}

/** What a list takes that is not waited for: an agent's. */
export function agentQuery(schema: z.ZodType) {
  return listQuery(schema).pick({ filter: true });
}

export type ListQuery = z.output<ReturnType<typeof listQuery>>;

export const ofService = z.object({ service: serviceName });

/** What narrows a list of instances. */
export const narrowing = {
  tag: repeated.meta({
    description: 'Only instances with this tag; with each of them, where said several times',
  }),
  'node-meta': repeated.meta({ description: 'Nodes have no metadata here: with one nothing is found' }),
};

export type Narrowing = z.output<z.ZodObject<typeof narrowing>>;

/** Whether a query narrows nothing. */
export function isWhole({ filter, ...query }: Narrowing & Pick<ListQuery, 'filter'>): boolean {
  return filter === undefined && query.tag.length === 0 && query['node-meta'].length === 0;
}

/** Whether a query that narrows by tag or by node asks for an instance. */
export function isAskedFor({ tags }: Pick<Instance, 'tags'>, query: Narrowing): boolean {
  return query['node-meta'].length === 0 && query.tag.every((tag) => tags.includes(tag));
}

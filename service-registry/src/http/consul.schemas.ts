import { STATUS_CODES } from 'node:http';
import type { ErrorFormat } from '@plaza/service-kit';
import { z } from 'zod';
import { serviceName } from './registrations.schemas.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A duration as Go writes it: `30s`, `1m30s`, `100ms`. In milliseconds. */
const duration = z
  .string()
  .regex(/^(\d{1,9}(\.\d{1,3})?(ms|s|m|h)){1,4}$/, 'must be a duration such as 30s or 1m30s')
  .transform((text) =>
    [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * unitOf(unit),
      0,
    ),
  );

function unitOf(unit: string | undefined): number {
  return unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h' ? UNITS[unit] : 0;
}

/** A flag that is on by being there, as in Consul. */
const present = z
  .enum(['', '0', '1', 'true', 'false'])
  .default('false')
  .transform((text) => text === '' || text === '1' || text === 'true');

const ignored = z
  .string()
  .optional()
  .meta({ description: 'Taken and ignored: there is one datacentre, and one store' });

export const healthParams = z.strictObject({ service: serviceName });

const MOST_WAIT_MS = 600_000;
const WAIT_MS = 300_000;

export const healthQuery = z.strictObject({
  passing: present.meta({ description: 'Only instances that want traffic' }),
  index: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'Answer once the list is another than at this X-Consul-Index' }),
  wait: duration
    .default(WAIT_MS)
    .transform((ms) => Math.min(ms === 0 ? WAIT_MS : ms, MOST_WAIT_MS))
    .meta({ description: 'For at most as long, and up to a sixteenth more; 10m at most' }),
  dc: ignored,
  near: ignored,
  stale: ignored,
  consistent: ignored,
  cached: ignored,
  ns: ignored,
});

const status = z.enum(['passing', 'warning', 'critical']);
const index = z.int();
const strings = z.record(z.string(), z.string());

export const healthEntry = z
  .object({
    Node: z.object({
      ID: z.string(),
      Node: z.string(),
      Address: z.string(),
      Datacenter: z.string(),
      TaggedAddresses: strings,
      Meta: strings,
      CreateIndex: index,
      ModifyIndex: index,
    }),
    Service: z.object({
      ID: z.string(),
      Service: z.string(),
      Tags: z.array(z.string()),
      Address: z.string(),
      TaggedAddresses: z.object({}),
      Meta: strings,
      Port: z.int(),
      Weights: z.object({ Passing: z.int(), Warning: z.int() }),
      EnableTagOverride: z.boolean(),
      CreateIndex: index,
      ModifyIndex: index,
    }),
    Checks: z.array(
      z.object({
        Node: z.string(),
        CheckID: z.string(),
        Name: z.string(),
        Status: status,
        Notes: z.string(),
        Output: z.string(),
        ServiceID: z.string(),
        ServiceName: z.string(),
        ServiceTags: z.array(z.string()),
        Type: z.string(),
        CreateIndex: index,
        ModifyIndex: index,
      }),
    ),
  })
  .meta({ id: 'ConsulHealthEntry' });

export type HealthEntry = z.output<typeof healthEntry>;

/** Consul words its errors as a line of text. */
export const consulErrors: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  text: ({ status, message }) => `${STATUS_CODES[status] ?? status}: ${message}`,
};

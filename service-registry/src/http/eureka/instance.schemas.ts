import { z } from 'zod';
import { host } from '../host.schemas.ts';
import { instanceId, plainUrl } from '../registrations.schemas.ts';
import { EUREKA_STATUSES } from './statuses.ts';
import { parseXml } from './xml.ts';

/** Clients send an absent field also as an empty text or as null. */
function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
}

const text = (most: number) => optional(z.string().max(most));
const url = optional(plainUrl('a URL'));

/** XML has only texts. */
const integer = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

const portNumber = integer(0, 65_535);

/** Eureka's format of ports, or a plain number, as in some clients' documentation. */
function port(standard: number, enabled: boolean) {
  const written = z.object({ $: portNumber.default(standard), '@enabled': flag.default(true) });
  return optional(
    z.union(
      [
        portNumber.transform((number) => ({ number, enabled: true })),
        written.transform((port) => ({ number: port.$, enabled: port['@enabled'] })),
      ],
      'must be a port, such as {"$": 8080, "@enabled": true}',
    ),
  ).transform((port) => port ?? { number: standard, enabled });
}

export const MAX_METADATA_ENTRIES = 64;

/** Clients also send the name of a Java class with the map. */
export const metadata = z.preprocess(
  (value) => {
    if (value === null || value === '') return {};
    if (typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '@class'));
  },
  z
    .record(
      z.string().regex(/^\P{Cc}{1,128}$/u, 'must be 1 to 128 characters'),
      z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string().max(1_024)),
    )
    .refine(
      (entries) => Object.keys(entries).length <= MAX_METADATA_ENTRIES,
      `must have ${MAX_METADATA_ENTRIES} entries at most`,
    ),
);

const MAX_LEASE_SECONDS = 86_400;

const leaseInfo = z
  .object({
    renewalIntervalInSecs: integer(1, MAX_LEASE_SECONDS).default(30),
    durationInSecs: integer(1, MAX_LEASE_SECONDS).default(90),
  })
  .prefault({});

const dataCenterInfo = z.object(
  {
    name: z.enum(['MyOwn', 'Netflix', 'Amazon']),
    metadata: metadata.optional(),
  },
  'is required, such as {"name": "MyOwn"}',
);

const instance = z.object({
  instanceId: optional(instanceId),
  app: z.string(),
  hostName: host,
  ipAddr: z.string().min(1).max(64),
  status: optional(z.enum(EUREKA_STATUSES)).transform((status) => status ?? 'UP'),
  port: port(7001, true),
  securePort: port(7002, false),
  vipAddress: text(512),
  secureVipAddress: text(512),
  homePageUrl: url,
  statusPageUrl: url,
  healthCheckUrl: url,
  secureHealthCheckUrl: url,
  appGroupName: text(128),
  asgName: text(128),
  countryId: optional(integer(0, 1_000)).transform((id) => id ?? 1),
  dataCenterInfo,
  leaseInfo,
  metadata: metadata.default({}),
  isCoordinatingDiscoveryServer: flag.default(false),
  lastDirtyTimestamp: optional(integer(0, Number.MAX_SAFE_INTEGER)),
});

/** An instance in JSON or XML. Unknown fields are ignored. */
export const registrationBody = z
  .preprocess((body) => (typeof body === 'string' ? parseXml(body) : body), z.object({ instance }))
  .transform(({ instance }) => instance)
  .meta({ id: 'EurekaRegistration' });

export type EurekaRegistration = z.output<typeof registrationBody>;

import { z } from 'zod';
import { host } from '../host.schemas.ts';
import { instanceId, plainUrl, serviceName } from '../registrations.schemas.ts';
import { unsupportedField, singleLineText, caseInsensitiveBody } from './body.schemas.ts';
import { checkDefinition } from './check-definition.schemas.ts';

const MAX_CHECKS = 16;
const MAX_TAGS = 64;

const address = z.union(
  [z.literal(''), host],
  'must be a host name or an IP address, and not that of all interfaces',
);
const port = z.int().min(0).max(65_535);

const meta = z
  .record(z.string().regex(/^[\w-]{1,128}$/, 'must be letters, digits, _ or -'), z.string().max(512))
  .refine((entries) => Object.keys(entries).length <= 64, 'must have 64 entries at most')
  .refine((entries) => entries['url'] === undefined || plainUrl('').safeParse(entries['url']).success, {
    path: ['url'],
    message: 'is where Plaza’s own clients look for the instance: http:// or https://',
  });

const weights = caseInsensitiveBody({
  Passing: z.int().min(1).max(65_535).default(1),
  Warning: z.int().min(0).max(65_535).default(0),
});

/** An empty check means none. */
const optionalCheck = z.preprocess(
  (check) =>
    typeof check === 'object' && check !== null && Object.keys(check).length === 0 ? undefined : check,
  checkDefinition.optional(),
);

const defaultOnly = z.enum(['', 'default']).optional();

export const serviceDefinition = caseInsensitiveBody({
  Name: serviceName,
  ID: z.union([z.literal(''), instanceId]).optional(),
  Tags: z.array(singleLineText(512)).max(MAX_TAGS).default([]),
  Address: address.default(''),
  Port: port.default(0),
  Meta: meta.default({}),
  Weights: weights.optional(),
  TaggedAddresses: z
    .record(singleLineText(64), caseInsensitiveBody({ Address: address.default(''), Port: port.default(0) }))
    .refine((all) => Object.keys(all).length <= 16, 'must have 16 entries at most')
    .default({}),
  EnableTagOverride: z.boolean().default(false),
  Check: optionalCheck,
  Checks: z.array(checkDefinition).max(MAX_CHECKS).default([]),
  /** Consul uses it for writes; this registry uses the token of the request. */
  Token: z.string().optional(),
  Kind: z.enum(['', 'typical'], 'must be empty: there is no mesh here').optional(),
  Namespace: defaultOnly,
  Partition: defaultOnly,
  Proxy: unsupportedField,
  Connect: unsupportedField,
  SocketPath: unsupportedField,
  Locality: unsupportedField,
}).meta({ id: 'ConsulServiceDefinition' });

export type ConsulServiceDefinition = z.output<typeof serviceDefinition>;

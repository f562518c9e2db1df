import { z } from 'zod';
import { CHECK_STATUSES } from '../../domain/check.ts';

const index = z.int();
const strings = z.record(z.string(), z.string());
const indexes = { CreateIndex: index, ModifyIndex: index };

export const taggedAddresses = z.record(z.string(), z.object({ Address: z.string(), Port: z.int() }));
export const weights = z.object({ Passing: z.int(), Warning: z.int() });

const nodeFields = {
  ID: z.string(),
  Node: z.string(),
  Address: z.string(),
  Datacenter: z.string(),
  TaggedAddresses: strings,
};

export const node = z.object({ ...nodeFields, Meta: strings, ...indexes }).meta({ id: 'ConsulNode' });

const serviceFields = {
  ID: z.string(),
  Service: z.string(),
  Tags: z.array(z.string()),
  Meta: strings,
  Port: z.int(),
  Address: z.string(),
  TaggedAddresses: taggedAddresses,
  Weights: weights,
  EnableTagOverride: z.boolean(),
};

/** A service in the agent's API. */
export const agentService = z
  .object({ ...serviceFields, Datacenter: z.string() })
  .meta({ id: 'ConsulAgentService' });

export const hashedAgentService = agentService
  .extend({ ContentHash: z.string() })
  .meta({ id: 'ConsulHashedAgentService' });

export const check = z
  .object({
    Node: z.string(),
    CheckID: z.string(),
    Name: z.string(),
    Status: z.enum(CHECK_STATUSES),
    Notes: z.string(),
    Output: z.string(),
    ServiceID: z.string(),
    ServiceName: z.string(),
    ServiceTags: z.array(z.string()),
    Type: z.string(),
    Interval: z.string(),
    Timeout: z.string(),
    ...indexes,
  })
  .meta({ id: 'ConsulCheck' });

export const healthEntry = z
  .object({ Node: node, Service: z.object({ ...serviceFields, ...indexes }), Checks: z.array(check) })
  .meta({ id: 'ConsulHealthEntry' });

/** A service merged with its node, as in the catalog API. */
export const catalogEntry = z
  .object({
    ...nodeFields,
    NodeMeta: strings,
    ServiceKind: z.string(),
    ServiceID: z.string(),
    ServiceName: z.string(),
    ServiceTags: z.array(z.string()),
    ServiceAddress: z.string(),
    ServiceTaggedAddresses: taggedAddresses,
    ServiceWeights: weights,
    ServiceMeta: strings,
    ServicePort: z.int(),
    ServiceEnableTagOverride: z.boolean(),
    ...indexes,
  })
  .meta({ id: 'ConsulCatalogEntry' });

export type ConsulNode = z.output<typeof node>;
export type ConsulAgentService = z.output<typeof agentService>;
export type ConsulCheck = z.output<typeof check>;
export type ConsulHealthEntry = z.output<typeof healthEntry>;
export type ConsulCatalogEntry = z.output<typeof catalogEntry>;

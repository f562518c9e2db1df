import { isIP } from 'node:net';
import type { Instance } from '../../domain/instance.ts';
import { checksOf } from './checks.ts';
import { consulDetailsOf } from './details.ts';
import type { AgentService, CatalogEntry, HealthEntry, Node } from './entry.schemas.ts';
import { httpUrl, placeOf } from '../place.ts';

/** There is one, and it is all of Plaza. */
export const DATACENTER = 'plaza';

/** There are no agents here: a node is the host that an instance answers at. */
export function nodeOf({ url, createIndex, modifyIndex }: Instance): Node {
  const { host } = placeOf(url);
  return {
    ID: '',
    Node: host,
    Address: host,
    Datacenter: DATACENTER,
    TaggedAddresses: {},
    Meta: {},
    CreateIndex: createIndex,
    ModifyIndex: modifyIndex,
  };
}

/** An instance as Consul tells a service of a node. */
export function agentServiceOf(instance: Instance): AgentService {
  const { service, instanceId, url, weight, tags } = instance;
  const { host, port } = placeOf(url);
  const details = consulDetailsOf(instance);
  const address = details?.address ?? host;
  return {
    ID: instanceId,
    Service: service,
    Tags: [...tags],
    Meta: metaOf(instance),
    Port: port,
    Address: address,
    TaggedAddresses: { ...details?.taggedAddresses, ...byFamily(address, port) },
    Weights: details?.weights ?? { Passing: weight, Warning: weight },
    EnableTagOverride: details?.enableTagOverride ?? false,
    Datacenter: DATACENTER,
  };
}

/** An instance with its node and its checks. */
export function healthEntryOf(instance: Instance): HealthEntry {
  const { Datacenter: _, ...service } = agentServiceOf(instance);
  const { createIndex, modifyIndex } = instance;
  return {
    Node: nodeOf(instance),
    Service: { ...service, CreateIndex: createIndex, ModifyIndex: modifyIndex },
    Checks: checksOf(instance),
  };
}

/** An instance and its node in one. */
export function catalogEntryOf(instance: Instance): CatalogEntry {
  const { Meta, ...node } = nodeOf(instance);
  const service = agentServiceOf(instance);
  return {
    ...node,
    NodeMeta: Meta,
    ServiceKind: '',
    ServiceID: service.ID,
    ServiceName: service.Service,
    ServiceTags: service.Tags,
    ServiceAddress: service.Address,
    ServiceTaggedAddresses: service.TaggedAddresses,
    ServiceWeights: service.Weights,
    ServiceMeta: service.Meta,
    ServicePort: service.Port,
    ServiceEnableTagOverride: service.EnableTagOverride,
  };
}

/**
 * What Consul's clients declared, as they did; of others also what Consul has no field for. Where a URL is more than
 * `http://ADDRESS:PORT`, `url` says so.
 */
function metaOf({ protocol, url, version, metadata }: Instance): Record<string, string> {
  if (protocol !== 'consul') return { ...metadata, url, version };
  const { host, port } = placeOf(url);
  return url === httpUrl(host, port) ? { ...metadata } : { ...metadata, url };
}

/** What Consul adds by itself where an address is an IP. */
function byFamily(address: string, port: number): AgentService['TaggedAddresses'] {
  const family = isIP(address);
  if (family === 0) return {};
  const place = { Address: address, Port: port };
  return { [`lan_ipv${family}`]: place, [`wan_ipv${family}`]: place };
}

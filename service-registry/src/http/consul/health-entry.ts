import { isIP } from 'node:net';
import type { Instance } from '../../domain/instance.ts';
import { toConsulChecks } from './checks.ts';
import { parseConsulDetails } from './consul-details.ts';
import type {
  ConsulAgentService,
  ConsulCatalogEntry,
  ConsulHealthEntry,
  ConsulNode,
} from './health-entry.schemas.ts';
import { httpUrl, parseAddress } from '../address.ts';

/** The only datacenter: all of Plaza. */
export const DATACENTER = 'plaza';

/** There are no agents: the node is the host of the instance. */
export function toNode({ url, createIndex, modifyIndex }: Instance): ConsulNode {
  const { host } = parseAddress(url);
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

/** An instance as a service of a Consul node. */
export function toAgentService(instance: Instance): ConsulAgentService {
  const { service, instanceId, url, weight, tags } = instance;
  const { host, port } = parseAddress(url);
  const details = parseConsulDetails(instance);
  const address = details?.address ?? host;
  return {
    ID: instanceId,
    Service: service,
    Tags: [...tags],
    Meta: toMeta(instance),
    Port: port,
    Address: address,
    TaggedAddresses: { ...details?.taggedAddresses, ...addressesByIpFamily(address, port) },
    Weights: details?.weights ?? { Passing: weight, Warning: weight },
    EnableTagOverride: details?.enableTagOverride ?? false,
    Datacenter: DATACENTER,
  };
}

/** An instance with its node and its checks. */
export function toHealthEntry(instance: Instance): ConsulHealthEntry {
  const { Datacenter: _, ...service } = toAgentService(instance);
  const { createIndex, modifyIndex } = instance;
  return {
    Node: toNode(instance),
    Service: { ...service, CreateIndex: createIndex, ModifyIndex: modifyIndex },
    Checks: toConsulChecks(instance),
  };
}

/** An instance merged with its node. */
export function toCatalogEntry(instance: Instance): ConsulCatalogEntry {
  const { Meta, ...node } = toNode(instance);
  const service = toAgentService(instance);
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
 * The metadata that Consul's clients declared. For other instances also the data without a field in Consul: `url` if
 * it is more than `http://ADDRESS:PORT`.
 */
function toMeta({ protocol, url, version, metadata }: Instance): Record<string, string> {
  if (protocol !== 'consul') return { ...metadata, url, version };
  const { host, port } = parseAddress(url);
  return url === httpUrl(host, port) ? { ...metadata } : { ...metadata, url };
}

/** Consul adds these if an address is an IP address. */
function addressesByIpFamily(address: string, port: number): ConsulAgentService['TaggedAddresses'] {
  const family = isIP(address);
  if (family === 0) return {};
  const place = { Address: address, Port: port };
  return { [`lan_ipv${family}`]: place, [`wan_ipv${family}`]: place };
}

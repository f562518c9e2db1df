import type { CheckDefinition } from '../../domain/check.ts';
import type { InstanceDefinition } from '../../domain/instance.ts';
import { toCheckDefinition } from './check-definition.ts';
import type { ConsulCheckDefinition } from './check-definition.schemas.ts';
import type { ConsulDetails } from './consul-details.ts';
import { httpUrl } from '../address.ts';
import type { ConsulServiceDefinition } from './service-definition.schemas.ts';

const MAX_VERSION_LENGTH = 64;

/**
 * Converts a definition. Without an address the client's IP address is used: Consul uses the agent's, which runs on
 * the same host.
 */
export function toInstanceDefinition(
  definition: ConsulServiceDefinition,
  caller: string,
): InstanceDefinition {
  const { Name: service, Meta, Weights = { Passing: 1, Warning: 1 } } = definition;
  const checks = toCheckDefinitions(definition);
  const probed = checks.find(({ check }) => check.kind === 'http')?.check;
  const details: ConsulDetails = {
    address: definition.Address,
    weights: Weights,
    taggedAddresses: definition.TaggedAddresses,
    enableTagOverride: definition.EnableTagOverride,
    notes: Object.fromEntries(
      checks.flatMap(({ check, notes }) => (notes === '' ? [] : [[check.id, notes]])),
    ),
  };
  return {
    service,
    instanceId: resolveInstanceId(definition),
    url: resolveUrl(definition, caller),
    ...(probed?.kind === 'http' ? { healthCheckUrl: probed.url } : {}),
    version: (Meta['version'] ?? '').slice(0, MAX_VERSION_LENGTH),
    weight: Weights.Passing,
    tags: definition.Tags,
    metadata: Meta,
    protocol: 'consul',
    details,
    checks: checks.map(({ check }) => check),
  };
}

export function resolveInstanceId({ ID = '', Name }: Pick<ConsulServiceDefinition, 'ID' | 'Name'>): string {
  return ID === '' ? Name : ID;
}

/** `secure` means https for Spring's clients; `url` is Plaza's own. */
function resolveUrl({ Address, Port, Meta }: ConsulServiceDefinition, caller: string): string {
  const said = Meta['url'];
  if (said !== undefined) return said.replace(/\/+$/, '');
  return httpUrl(Address === '' ? caller : Address, Port, Meta['secure'] === 'true' ? 'https' : 'http');
}

interface CheckWithNotes {
  readonly check: CheckDefinition;
  readonly notes: string;
}

/** Consul's ids of checks without one: `service:ID`, or `service:ID:1` and so on if there are several. */
function toCheckDefinitions(definition: ConsulServiceDefinition): CheckWithNotes[] {
  const { Check, Checks, Name } = definition;
  const all: readonly ConsulCheckDefinition[] = [...(Check === undefined ? [] : [Check]), ...Checks];
  const id = `service:${resolveInstanceId(definition)}`;
  const annotated = all.map((check, at) => ({
    check: toCheckDefinition(
      check,
      check.CheckID || (all.length > 1 ? `${id}:${at + 1}` : id),
      `Service '${Name}' check`,
    ),
    notes: check.Notes ?? '',
  }));
  return [...new Map(annotated.map((one) => [one.check.id, one])).values()];
}

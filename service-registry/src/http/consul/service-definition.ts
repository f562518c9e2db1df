import type { CheckDefinition } from '../../domain/check.ts';
import type { Declaration } from '../../domain/instance.ts';
import { definitionOf } from './check-definition.ts';
import type { ConsulCheckDefinition } from './check-definition.schemas.ts';
import type { ConsulDetails } from './details.ts';
import { httpUrl } from '../place.ts';
import type { ServiceDefinition } from './service-definition.schemas.ts';

const LONGEST_VERSION = 64;

/**
 * What a definition declares. Whoever gives no address is where the call came from: in Consul that is the agent's
 * address, and an agent runs beside its services.
 */
export function declarationFrom(definition: ServiceDefinition, caller: string): Declaration {
  const { Name: service, Meta, Weights = { Passing: 1, Warning: 1 } } = definition;
  const checks = checksIn(definition);
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
    instanceId: instanceIdOf(definition),
    url: urlOf(definition, caller),
    ...(probed?.kind === 'http' ? { healthCheckUrl: probed.url } : {}),
    version: (Meta['version'] ?? '').slice(0, LONGEST_VERSION),
    weight: Weights.Passing,
    tags: definition.Tags,
    metadata: Meta,
    protocol: 'consul',
    details,
    checks: checks.map(({ check }) => check),
  };
}

export function instanceIdOf({ ID = '', Name }: Pick<ServiceDefinition, 'ID' | 'Name'>): string {
  return ID === '' ? Name : ID;
}

/** `secure` is how Spring's clients say https, `url` how Plaza's do. */
function urlOf({ Address, Port, Meta }: ServiceDefinition, caller: string): string {
  const said = Meta['url'];
  if (said !== undefined) return said.replace(/\/+$/, '');
  return httpUrl(Address === '' ? caller : Address, Port, Meta['secure'] === 'true' ? 'https' : 'http');
}

interface Annotated {
  readonly check: CheckDefinition;
  readonly notes: string;
}

/** Consul's ids for checks that name none: `service:ID`, or `service:ID:1` and so on where there are several. */
function checksIn(definition: ServiceDefinition): Annotated[] {
  const { Check, Checks, Name } = definition;
  const all: readonly ConsulCheckDefinition[] = [...(Check === undefined ? [] : [Check]), ...Checks];
  const id = `service:${instanceIdOf(definition)}`;
  const annotated = all.map((check, at) => ({
    check: definitionOf(
      check,
      check.CheckID || (all.length > 1 ? `${id}:${at + 1}` : id),
      `Service '${Name}' check`,
    ),
    notes: check.Notes ?? '',
  }));
  return [...new Map(annotated.map((one) => [one.check.id, one])).values()];
}

import { entityId, type EntityKind } from './model/entity-id.ts';
import type { Reference } from './schema/common.ts';
import type { PartialDocument } from './partial-schema.ts';
import { consumerName, allRoutes, serviceName } from './config-traversal.ts';

export type ReferableKind = Extract<EntityKind, 'service' | 'route' | 'upstream' | 'consumer'>;

/** Resolves the references of a file. */
export interface ReferenceIndex {
  /** The name of the entity with this name or id; undefined if there is none. */
  resolveName(kind: ReferableKind, to: Reference | undefined): string | undefined;
}

interface NamedEntity {
  readonly name: string;
  readonly id: string | undefined;
}

export function createReferenceIndex(file: PartialDocument): ReferenceIndex {
  const known: Readonly<Record<ReferableKind, ReadonlyMap<string, string>>> = {
    service: byNameAndId(
      'service',
      file.services.map((service) => ({ name: serviceName(service), id: service.id })),
    ),
    route: byNameAndId(
      'route',
      allRoutes(file).map(({ name, route }) => ({ name, id: route.id })),
    ),
    upstream: byNameAndId(
      'upstream',
      file.upstreams.map(({ name = '', id }) => ({ name, id })),
    ),
    consumer: byNameAndId(
      'consumer',
      file.consumers.map((consumer) => ({ name: consumerName(consumer), id: consumer.id })),
    ),
  };
  return { resolveName: (kind, to) => to && known[kind].get(referenceKey(to)) };
}

/** The name or id in a reference. */
export const referenceKey = (to: Reference): string => ('id' in to ? to.id : to.name);

function byNameAndId(kind: ReferableKind, entities: readonly NamedEntity[]): ReadonlyMap<string, string> {
  const ids = entities.map(({ name, id }) => [entityId(kind, name, id), name] as const);
  const names = entities.map(({ name }) => [name, name] as const);
  return new Map([...ids, ...names]);
}

import { entityId, type EntityKind } from './model/entity-id.ts';
import type { Reference } from './schema/common.ts';
import type { PartialDocument } from './partial-schema.ts';
import { consumerName, allRoutes, serviceName } from './config-traversal.ts';

export type ReferableKind = Extract<EntityKind, 'service' | 'route' | 'upstream' | 'consumer'>;

/** What the references of a file lead to. */
export interface ReferenceIndex {
  /** The name of the one that is meant, by its name or its id; undefined where nobody is. */
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

/** What a reference says of whom it means. */
export const referenceKey = (to: Reference): string => ('id' in to ? to.id : to.name);

function byNameAndId(kind: ReferableKind, entities: readonly NamedEntity[]): ReadonlyMap<string, string> {
  const ids = entities.map(({ name, id }) => [entityId(kind, name, id), name] as const);
  const names = entities.map(({ name }) => [name, name] as const);
  return new Map([...ids, ...names]);
}

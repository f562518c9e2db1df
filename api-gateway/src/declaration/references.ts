import { entityId, type EntityKind } from './entity-id.ts';
import type { Reference } from './format/values.ts';
import type { Outline } from './outline.ts';
import { consumerName, routesIn, serviceName } from './walk.ts';

export type Referable = Extract<EntityKind, 'service' | 'route' | 'upstream' | 'consumer'>;

/** What the references of a file lead to. */
export interface References {
  /** The name of the one that is meant, by its name or its id; undefined where nobody is. */
  nameOf(kind: Referable, to: Reference | undefined): string | undefined;
}

interface Named {
  readonly name: string;
  readonly id: string | undefined;
}

export function referencesIn(file: Outline): References {
  const known: Readonly<Record<Referable, ReadonlyMap<string, string>>> = {
    service: byNameAndId(
      'service',
      file.services.map((service) => ({ name: serviceName(service), id: service.id })),
    ),
    route: byNameAndId(
      'route',
      routesIn(file).map(({ name, route }) => ({ name, id: route.id })),
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
  return { nameOf: (kind, to) => to && known[kind].get(keyOf(to)) };
}

/** What a reference says of whom it means. */
export const keyOf = (to: Reference): string => ('id' in to ? to.id : to.name);

function byNameAndId(kind: Referable, entities: readonly Named[]): ReadonlyMap<string, string> {
  const ids = entities.map(({ name, id }) => [entityId(kind, name, id), name] as const);
  const names = entities.map(({ name }) => [name, name] as const);
  return new Map([...ids, ...names]);
}

import type { Request, Router } from 'express';
import { paginate } from './pagination.ts';
import { respondWith, okOrNotFound, notFound, pathParam } from './responses.ts';
import { mountResource } from './mount-resource.ts';

interface ListedEntity {
  readonly id: string;
  readonly tags: ReadonlySet<string>;
}

export interface EntityCollection<Of extends ListedEntity> {
  /** `/services`, or `/services/:service/routes`. */
  readonly path: string;
  /** Kong's name for them. */
  readonly entities: string;
  /** Undefined if the owner does not exist. */
  readonly list: (request: Request) => readonly Of[] | undefined;
  /** The key besides the id. */
  readonly nameOf: (entity: Of) => string | undefined;
  readonly serialize: (entity: Of) => unknown;
}

/** Finds an entity by its id or name. */
export function findByNameOrId<Of extends ListedEntity>(
  entities: readonly Of[],
  nameOf: (entity: Of) => string | undefined,
  key: string,
): Of | undefined {
  return entities.find((entity) => nameOf(entity) === key) ?? entities.find(({ id }) => id === key);
}

/** Routes that read a list of entities and each entity. */
export function mountEntityCollection<Of extends ListedEntity>(
  router: Router,
  collection: EntityCollection<Of>,
): void {
  const { path, entities, list: all, nameOf, serialize } = collection;
  mountResource(router, {
    path,
    entityKind: entities,
    methods: {
      get: respondWith((request) => {
        const list = all(request);
        return list === undefined ? notFound : paginate(list, request, serialize);
      }),
    },
  });
  mountResource(router, {
    path: `${path}/:one`,
    entityKind: entities,
    methods: {
      get: respondWith((request) => {
        const one = findByNameOrId(all(request) ?? [], nameOf, pathParam(request, 'one'));
        return okOrNotFound(one && serialize(one));
      }),
    },
  });
}

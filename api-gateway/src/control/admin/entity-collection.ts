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
  /** As Kong calls them. */
  readonly entities: string;
  /** undefined where there is no such owner. */
  readonly list: (request: Request) => readonly Of[] | undefined;
  /** What one is asked for by, besides its id. */
  readonly nameOf: (entity: Of) => string | undefined;
  readonly serialize: (entity: Of) => unknown;
}

/** Finds one by its id or, as it is called more often, its name. */
export function findByNameOrId<Of extends ListedEntity>(
  entities: readonly Of[],
  nameOf: (entity: Of) => string | undefined,
  key: string,
): Of | undefined {
  return entities.find((entity) => nameOf(entity) === key) ?? entities.find(({ id }) => id === key);
}

/** A list of entities and each of them, to be read. */
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

import type { Request, Router } from 'express';
import { page } from './page.ts';
import { answering, found, notFound, param } from './reply.ts';
import { serve } from './resource.ts';

interface Entity {
  readonly id: string;
  readonly tags: ReadonlySet<string>;
}

export interface Collection<Of extends Entity> {
  /** `/services`, or `/services/:service/routes`. */
  readonly path: string;
  /** As Kong calls them. */
  readonly entities: string;
  /** undefined where there is no such owner. */
  readonly all: (request: Request) => readonly Of[] | undefined;
  /** What one is asked for by, besides its id. */
  readonly nameOf: (entity: Of) => string | undefined;
  readonly view: (entity: Of) => unknown;
}

/** Finds one by its id or, as it is called more often, its name. */
export function byNameOrId<Of extends Entity>(
  entities: readonly Of[],
  nameOf: (entity: Of) => string | undefined,
  key: string,
): Of | undefined {
  return entities.find((entity) => nameOf(entity) === key) ?? entities.find(({ id }) => id === key);
}

/** A list of entities and each of them, to be read. */
export function serveCollection<Of extends Entity>(router: Router, collection: Collection<Of>): void {
  const { path, entities, all, nameOf, view } = collection;
  serve(router, {
    path,
    entities,
    methods: {
      get: answering((request) => {
        const list = all(request);
        return list === undefined ? notFound : page(list, request, view);
      }),
    },
  });
  serve(router, {
    path: `${path}/:one`,
    entities,
    methods: {
      get: answering((request) => {
        const one = byNameOrId(all(request) ?? [], nameOf, param(request, 'one'));
        return found(one && view(one));
      }),
    },
  });
}

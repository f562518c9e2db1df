import type { Instance, InstanceKey } from './instance.ts';

/** The instances of one service, by id, and the index of the last change among them. */
export interface ServiceEntry {
  readonly index: number;
  readonly instances: readonly Instance[];
}

/** All that is registered, at one index. */
export interface Catalog {
  /** Changes when the store lost everything and began anew. */
  readonly epoch: string;
  /** Rises with each change, across epochs too. */
  readonly index: number;
  /** The index at which a service last lost its last instance: that of every service which has none. */
  readonly lastServiceRemovalIndex: number;
  readonly services: ReadonlyMap<string, ServiceEntry>;
}

/** What changed since a catalog was read. */
export interface CatalogDelta extends Omit<Catalog, 'services'> {
  /** Everything there is, and not only what changed. */
  readonly isFull: boolean;
  /** The services that changed and still are, with their indexes. */
  readonly services: ReadonlyMap<string, number>;
  readonly changed: readonly Instance[];
  readonly removed: readonly InstanceKey[];
}

export const EMPTY_CATALOG: Catalog = {
  epoch: '',
  index: 0,
  lastServiceRemovalIndex: 0,
  services: new Map(),
};

/** The catalog after a change; the same object where nothing did. */
export function applyDelta(catalog: Catalog, delta: CatalogDelta): Catalog {
  const { epoch, index, lastServiceRemovalIndex, isFull, changed, removed } = delta;
  if (epoch === catalog.epoch && index === catalog.index) return catalog;
  const services = new Map(isFull ? [] : catalog.services);
  const came = Map.groupBy(changed, ({ service }) => service);
  const went = Map.groupBy(removed, ({ service }) => service);
  for (const service of new Set([...delta.services.keys(), ...came.keys(), ...went.keys()])) {
    const before = services.get(service);
    const now = delta.services.get(service);
    const instances = mergeInstances(
      before?.instances ?? [],
      came.get(service) ?? [],
      went.get(service) ?? [],
    );
    if (now === undefined && instances.length === 0) services.delete(service);
    else services.set(service, { index: now ?? before?.index ?? index, instances });
  }
  return { epoch, index, lastServiceRemovalIndex, services };
}

function mergeInstances(
  before: readonly Instance[],
  came: readonly Instance[],
  went: readonly InstanceKey[],
): readonly Instance[] {
  if (came.length === 0 && went.length === 0) return before;
  const touched = new Set([...came, ...went].map(({ instanceId }) => instanceId));
  return [...before.filter(({ instanceId }) => !touched.has(instanceId)), ...came].sort(compareById);
}

function compareById(one: Instance, other: Instance): number {
  return one.instanceId < other.instanceId ? -1 : 1;
}

/** The index of the last change to one service: what a watcher of it waits on. At least 1 once anything was read. */
export function serviceIndex(catalog: Catalog, service: string): number {
  return catalog.services.get(service)?.index ?? catalog.lastServiceRemovalIndex;
}

export function instancesOf(catalog: Catalog, service: string): readonly Instance[] {
  return catalog.services.get(service)?.instances ?? [];
}

/** Everybody, by service and id. */
export function allInstances(catalog: Catalog): Instance[] {
  return [...catalog.services]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, { instances }]) => instances);
}

/** By id alone, as Consul's agent knows instances: of several services at most one each. */
export function instancesWithId(catalog: Catalog, instanceId: string): Instance[] {
  return [...catalog.services.values()].flatMap(
    ({ instances }) => instances.find((instance) => instance.instanceId === instanceId) ?? [],
  );
}

/** A change to one instance, as whoever read the catalog before and after would see it. */
export interface InstanceChange {
  readonly kind: 'added' | 'modified' | 'deleted';
  /** As it is now; a deleted one as it last was. */
  readonly instance: Instance;
}

/** What a delta did to a catalog, deleted ones first. */
export function instanceChanges(before: Catalog, after: Catalog, delta: CatalogDelta): InstanceChange[] {
  const old = createInstanceFinder(before);
  const now = createInstanceFinder(after);
  const gone = delta.isFull
    ? allInstances(before).filter((instance) => now(instance) === undefined)
    : delta.removed.flatMap((key) => old(key) ?? []);
  return [
    ...gone.map((instance): InstanceChange => ({ kind: 'deleted', instance })),
    ...delta.changed.flatMap((instance) => {
      const was = old(instance);
      if (was === undefined) return { kind: 'added', instance } as const;
      // Of all that there is, much is as it was.
      return was.modifyIndex === instance.modifyIndex ? [] : ({ kind: 'modified', instance } as const);
    }),
  ];
}

/** Finds instances by key, each service's being put in order once. */
function createInstanceFinder(catalog: Catalog): (key: InstanceKey) => Instance | undefined {
  const byService = new Map<string, Map<string, Instance>>();
  return ({ service, instanceId }) => {
    const known =
      byService.get(service) ??
      new Map(instancesOf(catalog, service).map((instance) => [instance.instanceId, instance]));
    byService.set(service, known);
    return known.get(instanceId);
  };
}

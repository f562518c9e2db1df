import type { Instance, InstanceKey } from './instance.ts';

/** The instances of one service, sorted by id, and the index of their last change. */
export interface ServiceEntry {
  readonly index: number;
  readonly instances: readonly Instance[];
}

/** All registered instances, at one index. */
export interface Catalog {
  /** Another value after the store has lost all data. */
  readonly epoch: string;
  /** Rises with each change, also across epochs. */
  readonly index: number;
  /** The index at which a service last lost its last instance: the index of every service without instances. */
  readonly lastServiceRemovalIndex: number;
  readonly services: ReadonlyMap<string, ServiceEntry>;
}

/** The changes since a catalog was read. */
export interface CatalogDelta extends Omit<Catalog, 'services'> {
  /** Whether it is the whole catalog, and not only the changes. */
  readonly isFull: boolean;
  /** The changed services that still exist, with their indexes. */
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

/** The catalog after the changes; the same object if there are none. */
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

/** The index of a service's last change, on which blocking queries wait. At least 1 after the first read. */
export function serviceIndex(catalog: Catalog, service: string): number {
  return catalog.services.get(service)?.index ?? catalog.lastServiceRemovalIndex;
}

export function instancesOf(catalog: Catalog, service: string): readonly Instance[] {
  return catalog.services.get(service)?.instances ?? [];
}

/** All instances, sorted by service and id. */
export function allInstances(catalog: Catalog): Instance[] {
  return [...catalog.services]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, { instances }]) => instances);
}

/** By id alone, as Consul's agent identifies instances: at most one of each service. */
export function instancesWithId(catalog: Catalog, instanceId: string): Instance[] {
  return [...catalog.services.values()].flatMap(
    ({ instances }) => instances.find((instance) => instance.instanceId === instanceId) ?? [],
  );
}

/** A change of one instance between two catalogs. */
export interface InstanceChange {
  readonly kind: 'added' | 'modified' | 'deleted';
  /** Its current state; for a deleted one its last state. */
  readonly instance: Instance;
}

/** The changes of a delta, deleted instances first. */
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
      // A full delta has unchanged instances as well.
      return was.modifyIndex === instance.modifyIndex ? [] : ({ kind: 'modified', instance } as const);
    }),
  ];
}

/** Finds instances by key; indexes each service at its first use. */
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

import type { Instance } from './instance.ts';

/** The instances of one service, by id, and the index of the last change among them. */
export interface ServiceEntry {
  readonly index: number;
  readonly instances: readonly Instance[];
}

/** All that is registered, at one index. */
export interface Catalogue {
  /** Changes when the store lost everything and began anew. */
  readonly epoch: string;
  /** Rises with each change, across epochs too. */
  readonly index: number;
  /** The index at which a service last lost its last instance: that of every service which has none. */
  readonly extinction: number;
  readonly services: ReadonlyMap<string, ServiceEntry>;
}

/** What changed since a catalogue was read. */
export interface Delta extends Omit<Catalogue, 'services'> {
  readonly changed: ReadonlyMap<string, ServiceEntry>;
  /** The names of all services there are, where some may be gone. */
  readonly names?: ReadonlySet<string>;
}

export const NO_CATALOGUE: Catalogue = { epoch: '', index: 0, extinction: 0, services: new Map() };

/** The catalogue after a change; the same object where nothing did. */
export function applied(catalogue: Catalogue, { changed, names, ...head }: Delta): Catalogue {
  if (head.epoch === catalogue.epoch && head.index === catalogue.index) return catalogue;
  const kept = [...catalogue.services].filter(([name]) => names === undefined || names.has(name));
  return { ...head, services: new Map([...kept, ...changed]) };
}

/** The index of the last change to one service: what a watcher of it waits on. At least 1 once anything was read. */
export function indexOf(catalogue: Catalogue, service: string): number {
  return catalogue.services.get(service)?.index ?? catalogue.extinction;
}

export function instancesOf(catalogue: Catalogue, service: string): readonly Instance[] {
  return catalogue.services.get(service)?.instances ?? [];
}

/** Everybody, by service and id. */
export function allInstances(catalogue: Catalogue): Instance[] {
  return [...catalogue.services]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, { instances }]) => instances);
}

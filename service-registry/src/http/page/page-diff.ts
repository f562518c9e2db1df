import { allInstances, instancesOf, type Catalog } from '../../domain/catalog.ts';
import { qualifiedName, type Instance } from '../../domain/instance.ts';
import { banners, warnings } from './banners.ts';
import { changeList, describeChange } from './change-list.ts';
import { instanceRow } from './instance-row.ts';
import { snapshotCatalog, type PageSnapshot } from './page-snapshot.ts';
import { groupByService, serviceRow, serviceTable } from './service-table.ts';
import { summary, pageTitle } from './summary.ts';
import type { PageUpdate } from './update.ts';
import { liveValues } from './live-values.ts';

/** The whole content of the page. */
export function fullUpdate(snapshot: PageSnapshot): PageUpdate {
  const table = serviceTable(groupByService(snapshotCatalog(snapshot)), createRowRenderer(snapshot));
  return { ...emptyUpdate(snapshot), parts: { ...renderParts(snapshot), table: table.text } };
}

/** An update without changes. */
export function emptyUpdate(snapshot: PageSnapshot): PageUpdate {
  return { ...updateHead(snapshot), parts: {}, services: [], rows: [], gone: [], signs: [], said: [] };
}

/** The update from one snapshot to a later one; undefined if they look the same. */
export function diffSnapshots(before: PageSnapshot, after: PageSnapshot): PageUpdate | undefined {
  const [was, is] = [snapshotCatalog(before), snapshotCatalog(after)];
  const services = changedServices(was, is);
  const changed = services.flatMap((service) => changedInstances(was, is, service));
  const update = {
    ...updateHead(after),
    parts: changedParts(before, after),
    services: services
      .filter((service) => is.services.has(service))
      .map((service) => ({ service, html: serviceRow(service, instancesOf(is, service)).text })),
    rows: changed.map((instance) => ({
      service: instance.service,
      key: qualifiedName(instance),
      html: createRowRenderer(after)(instance).text,
    })),
    gone: services.flatMap((service) => removedInstances(was, is, service)),
    signs: changedLiveValues(before, after, new Set(changed)),
    said: announcements(before, after),
  };
  const { parts, signs, said } = update;
  const same = [services, Object.keys(parts), signs, said].every(({ length }) => length === 0);
  return same ? undefined : update;
}

export function createRowRenderer({ liveness, at }: PageSnapshot) {
  return (instance: Instance) => instanceRow(instance, liveValues(instance, liveness), at);
}

function updateHead(snapshot: PageSnapshot): Pick<PageUpdate, 'now' | 'title'> {
  return { now: snapshot.at, title: pageTitle(snapshotCatalog(snapshot)) };
}

/** The parts that are sent whole, by the id of their element. */
export function renderParts(snapshot: PageSnapshot) {
  return {
    banners: banners(snapshot).text,
    summary: summary(snapshotCatalog(snapshot)).text,
    changes: changeList(snapshot.changes, snapshot.at).text,
  };
}

/** Compared at the same time: "3 s ago" after "2 s ago" is no change. */
function changedParts(before: PageSnapshot, after: PageSnapshot): PageUpdate['parts'] {
  const was = Object.entries(renderParts({ ...before, at: 0 }));
  const is = Object.entries(renderParts({ ...after, at: 0 }));
  const changed = new Set(is.filter((part, at) => part[1] !== was[at]?.[1]).map(([id]) => id));
  return Object.fromEntries(Object.entries(renderParts(after)).filter(([id]) => changed.has(id)));
}

/** An unchanged service is the same object in both catalogs. */
function changedServices(was: Catalog, is: Catalog): string[] {
  if (was === is) return [];
  const names = new Set([...was.services.keys(), ...is.services.keys()]);
  return [...names].filter((name) => was.services.get(name) !== is.services.get(name));
}

function changedInstances(was: Catalog, is: Catalog, service: string): Instance[] {
  const old = new Set(instancesOf(was, service));
  return instancesOf(is, service).filter((instance) => !old.has(instance));
}

function removedInstances(was: Catalog, is: Catalog, service: string): string[] {
  const present = new Set(instancesOf(is, service).map(qualifiedName));
  return instancesOf(was, service)
    .map(qualifiedName)
    .filter((key) => !present.has(key));
}

/** The live values of unchanged instances; those of the others are in their rows. */
function changedLiveValues(
  before: PageSnapshot,
  after: PageSnapshot,
  changed: ReadonlySet<Instance>,
): PageUpdate['signs'] {
  if (before.liveness === after.liveness) return [];
  return allInstances(snapshotCatalog(after))
    .filter((instance) => !changed.has(instance))
    .flatMap((instance) => {
      const is = liveValues(instance, after.liveness);
      const same = JSON.stringify(is) === JSON.stringify(liveValues(instance, before.liveness));
      return same ? [] : [[qualifiedName(instance), is.lastHeartbeat, is.signs]];
    });
}

function announcements(before: PageSnapshot, after: PageSnapshot): string[] {
  const known = new Set(warnings(before).map(({ title }) => title));
  const warned = warnings(after).filter(({ title }) => !known.has(title));
  const latest = before.changes[0];
  const changes = after.changes.filter(
    ({ index, at }) => latest === undefined || index > latest.index || at > latest.at,
  );
  return [
    ...warned.map(({ title }) => `${title}.`),
    ...changes.map((change) => `${change.service} ${change.instanceId} ${describeChange(change)}.`),
  ];
}

import { allInstances, instancesOf, type Catalogue } from '../../domain/catalogue.ts';
import { nameOf, type Instance } from '../../domain/instance.ts';
import { banners, warnings } from './banners.ts';
import { changeList, inWords } from './change-list.ts';
import { instanceRow } from './instance-row.ts';
import { catalogueOf, type Picture } from './picture.ts';
import { groupsOf, serviceRow, serviceTable } from './service-table.ts';
import { summary, titleOf } from './summary.ts';
import type { Update } from './update.ts';
import { vitalSigns } from './vital-signs.ts';

/** The page's contents anew, whatever it showed before. */
export function whole(picture: Picture): Update {
  const table = serviceTable(groupsOf(catalogueOf(picture)), rowOf(picture));
  return { ...nothing(picture), parts: { ...partsOf(picture), table: table.text } };
}

/** Only that the page is as it was. */
export function nothing(picture: Picture): Update {
  return { ...headOf(picture), parts: {}, services: [], rows: [], gone: [], signs: [], said: [] };
}

/** What brings the page from one picture to a later one; undefined where they look the same. */
export function difference(before: Picture, after: Picture): Update | undefined {
  const [was, is] = [catalogueOf(before), catalogueOf(after)];
  const services = changedServices(was, is);
  const changed = services.flatMap((service) => changedInstances(was, is, service));
  const update = {
    ...headOf(after),
    parts: changedParts(before, after),
    services: services
      .filter((service) => is.services.has(service))
      .map((service) => ({ service, html: serviceRow(service, instancesOf(is, service)).text })),
    rows: changed.map((instance) => ({
      service: instance.service,
      key: nameOf(instance),
      html: rowOf(after)(instance).text,
    })),
    gone: services.flatMap((service) => goneInstances(was, is, service)),
    signs: changedSigns(before, after, new Set(changed)),
    said: news(before, after),
  };
  const { parts, signs, said } = update;
  const same = [services, Object.keys(parts), signs, said].every(({ length }) => length === 0);
  return same ? undefined : update;
}

export function rowOf({ vitals, at }: Picture) {
  return (instance: Instance) => instanceRow(instance, vitalSigns(instance, vitals), at);
}

function headOf(picture: Picture): Pick<Update, 'now' | 'title'> {
  return { now: picture.at, title: titleOf(catalogueOf(picture)) };
}

/** What is small enough to be sent whole, by the id of its element. */
export function partsOf(picture: Picture) {
  return {
    banners: banners(picture).text,
    summary: summary(catalogueOf(picture)).text,
    changes: changeList(picture.changes, picture.at).text,
  };
}

/** Compared as of one moment: "3 s ago" is no change after "2 s ago". */
function changedParts(before: Picture, after: Picture): Update['parts'] {
  const was = Object.entries(partsOf({ ...before, at: 0 }));
  const is = Object.entries(partsOf({ ...after, at: 0 }));
  const changed = new Set(is.filter((part, at) => part[1] !== was[at]?.[1]).map(([id]) => id));
  return Object.fromEntries(Object.entries(partsOf(after)).filter(([id]) => changed.has(id)));
}

/** What did not change is the same object in both catalogues. */
function changedServices(was: Catalogue, is: Catalogue): string[] {
  if (was === is) return [];
  const names = new Set([...was.services.keys(), ...is.services.keys()]);
  return [...names].filter((name) => was.services.get(name) !== is.services.get(name));
}

function changedInstances(was: Catalogue, is: Catalogue, service: string): Instance[] {
  const old = new Set(instancesOf(was, service));
  return instancesOf(is, service).filter((instance) => !old.has(instance));
}

function goneInstances(was: Catalogue, is: Catalogue, service: string): string[] {
  const present = new Set(instancesOf(is, service).map(nameOf));
  return instancesOf(was, service)
    .map(nameOf)
    .filter((key) => !present.has(key));
}

/** Of instances that are still the same: the others' rows have theirs. */
function changedSigns(before: Picture, after: Picture, changed: ReadonlySet<Instance>): Update['signs'] {
  if (before.vitals === after.vitals) return [];
  return allInstances(catalogueOf(after))
    .filter((instance) => !changed.has(instance))
    .flatMap((instance) => {
      const is = vitalSigns(instance, after.vitals);
      const same = JSON.stringify(is) === JSON.stringify(vitalSigns(instance, before.vitals));
      return same ? [] : [[nameOf(instance), is.lastHeartbeat, is.signs]];
    });
}

function news(before: Picture, after: Picture): string[] {
  const known = new Set(warnings(before).map(({ title }) => title));
  const warned = warnings(after).filter(({ title }) => !known.has(title));
  const latest = before.changes[0];
  const changes = after.changes.filter(
    ({ index, at }) => latest === undefined || index > latest.index || at > latest.at,
  );
  return [
    ...warned.map(({ title }) => `${title}.`),
    ...changes.map((change) => `${change.service} ${change.instanceId} ${inWords(change)}.`),
  ];
}

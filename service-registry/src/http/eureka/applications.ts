import {
  allInstances,
  instancesOf,
  type Catalogue,
  type ServiceEntry,
  type Transition,
} from '../../domain/catalogue.ts';
import type { Instance } from '../../domain/instance.ts';
import type { AllApplications, Application, InstanceInfo, OneApplication } from './answers.schemas.ts';
import { kept } from '../kept.ts';
import { appOf, instanceInfoOf } from './instance-info.ts';

const namesByApp = new WeakMap<Catalogue, ReadonlyMap<string, readonly string[]>>();

/** The names of the services that Eureka's clients call by one name, in whatever case they write it. */
function servicesOf(catalogue: Catalogue, app: string): readonly string[] {
  const known = namesByApp.get(catalogue) ?? Map.groupBy([...catalogue.services.keys()].sort(), appOf);
  namesByApp.set(catalogue, known);
  return known.get(appOf(app)) ?? [];
}

export function instancesOfApp(catalogue: Catalogue, app: string): readonly Instance[] {
  return servicesOf(catalogue, app).flatMap((service) => instancesOf(catalogue, service));
}

export function instanceOfApp(catalogue: Catalogue, app: string, instanceId: string): Instance | undefined {
  return instancesOfApp(catalogue, app).find((instance) => instance.instanceId === instanceId);
}

/** Of an instance it is always the same object, so that it need not be serialized twice; so with all that is kept. */
const infoOf = kept((instance: Instance) => instanceInfoOf(instance));

/** A service as an application; services whose names differ in their case alone are one. undefined where there is none. */
export function applicationOf(catalogue: Catalogue, app: string): OneApplication | undefined {
  const entries = servicesOf(catalogue, app).flatMap((service) => catalogue.services.get(service) ?? []);
  const [first, ...others] = entries;
  if (first === undefined) return undefined;
  if (others.length === 0) return onlyOf(first);
  return { application: { name: appOf(app), instance: instancesOfApp(catalogue, app).map(infoOf) } };
}

const onlyOf = kept(({ instances }: ServiceEntry): OneApplication => {
  const instance = instances.map(infoOf);
  return { application: { name: instance[0]?.app ?? '', instance } };
});

/** Everybody. */
export const allApplicationsOf = kept((catalogue: Catalogue) =>
  together(catalogue, allInstances(catalogue).map(infoOf)),
);

/** Those of whom something is true, in the same shape. */
export function applicationsWhere(
  catalogue: Catalogue,
  isMeant: (info: InstanceInfo) => boolean,
): AllApplications {
  const { application } = allApplicationsOf(catalogue).applications;
  return together(catalogue, application.flatMap(({ instance }) => instance).filter(isMeant));
}

/** What changed, beside the hash of everything: a client that does not come to the same hash asks for everything. */
export function deltaOf(catalogue: Catalogue, transitions: readonly Transition[]): AllApplications {
  const changed = transitions.map(({ kind, instance }) => ({
    ...instanceInfoOf(instance),
    actionType: ACTIONS[kind],
  }));
  return together(catalogue, changed, allApplicationsOf(catalogue).applications.apps__hashcode);
}

const ACTIONS = { added: 'ADDED', modified: 'MODIFIED', deleted: 'DELETED' } as const;

/** How many have which status, as Eureka writes it: `DOWN_1_UP_3_`. */
function hashOf(infos: readonly InstanceInfo[]): string {
  const counts = [...Map.groupBy(infos, ({ status }) => status)].map(
    ([status, all]) => `${status}_${all.length}_`,
  );
  return counts.sort().join('');
}

function together(
  { index }: Catalogue,
  infos: readonly InstanceInfo[],
  apps__hashcode = hashOf(infos),
): AllApplications {
  const application = [...Map.groupBy(infos, ({ app }) => app)].map(([name, instance]): Application => ({
    name,
    instance,
  }));
  return { applications: { versions__delta: String(index), apps__hashcode, application } };
}

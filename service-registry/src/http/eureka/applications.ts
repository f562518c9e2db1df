import { allInstances, instancesOf, type Catalogue, type Transition } from '../../domain/catalogue.ts';
import type { Instance } from '../../domain/instance.ts';
import type { AllApplications, Application, InstanceInfo } from './answers.schemas.ts';
import { appOf, instanceInfoOf } from './instance-info.ts';

const namesByApp = new WeakMap<Catalogue, ReadonlyMap<string, readonly string[]>>();

/** The names of the services that Eureka's clients call by one name, in whatever case they write it. */
function servicesOf(catalogue: Catalogue, app: string): readonly string[] {
  const known = namesByApp.get(catalogue) ?? Map.groupBy(catalogue.services.keys(), appOf);
  namesByApp.set(catalogue, known);
  return known.get(appOf(app)) ?? [];
}

export function instancesOfApp(catalogue: Catalogue, app: string): readonly Instance[] {
  return servicesOf(catalogue, app).flatMap((service) => instancesOf(catalogue, service));
}

export function instanceOfApp(catalogue: Catalogue, app: string, instanceId: string): Instance | undefined {
  return instancesOfApp(catalogue, app).find((instance) => instance.instanceId === instanceId);
}

const everybody = new WeakMap<Catalogue, AllApplications>();

/** Everybody. Of a catalogue it is always the same object, so that it need not be serialized twice. */
export function allApplicationsOf(catalogue: Catalogue): AllApplications {
  const known =
    everybody.get(catalogue) ??
    together(
      catalogue,
      allInstances(catalogue).map((one) => instanceInfoOf(one)),
    );
  everybody.set(catalogue, known);
  return known;
}

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

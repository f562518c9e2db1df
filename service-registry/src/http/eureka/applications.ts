import { allInstances, instancesOf, type Catalog, type ServiceEntry } from '../../domain/catalog.ts';
import type { Instance } from '../../domain/instance.ts';
import type {
  ApplicationsResponse,
  EurekaApplication,
  InstanceInfo,
  ApplicationResponse,
} from './response.schemas.ts';
import { memoizeByObject } from '../memoize.ts';
import { toAppName, toInstanceInfo } from './instance-info.ts';

const serviceNamesByApp = new WeakMap<Catalog, ReadonlyMap<string, readonly string[]>>();

/** The services whose names differ only in case: Eureka's application names have no case. */
function serviceNames(catalog: Catalog, app: string): readonly string[] {
  const known = serviceNamesByApp.get(catalog) ?? Map.groupBy([...catalog.services.keys()].sort(), toAppName);
  serviceNamesByApp.set(catalog, known);
  return known.get(toAppName(app)) ?? [];
}

export function applicationInstances(catalog: Catalog, app: string): readonly Instance[] {
  return serviceNames(catalog, app).flatMap((service) => instancesOf(catalog, service));
}

export function findApplicationInstance(
  catalog: Catalog,
  app: string,
  instanceId: string,
): Instance | undefined {
  return applicationInstances(catalog, app).find((instance) => instance.instanceId === instanceId);
}

/**
 * Returns the same object for the same instance, so that it is serialized once; the other memoized functions do the
 * same.
 */
const memoizedInstanceInfo = memoizeByObject((instance: Instance) => toInstanceInfo(instance));

/**
 * A service as an application. Services whose names differ only in case are one application. Undefined if there is
 * none.
 */
export function toApplication(catalog: Catalog, app: string): ApplicationResponse | undefined {
  const entries = serviceNames(catalog, app).flatMap((service) => catalog.services.get(service) ?? []);
  const [first, ...others] = entries;
  if (first === undefined) return undefined;
  if (others.length === 0) return toSingleServiceApplication(first);
  return {
    application: {
      name: toAppName(app),
      instance: applicationInstances(catalog, app).map(memoizedInstanceInfo),
    },
  };
}

const toSingleServiceApplication = memoizeByObject(({ instances }: ServiceEntry): ApplicationResponse => {
  const instance = instances.map(memoizedInstanceInfo);
  return { application: { name: instance[0]?.app ?? '', instance } };
});

/** All instances. */
export const toApplications = memoizeByObject((catalog: Catalog) =>
  groupIntoApplications(catalog, allInstances(catalog).map(memoizedInstanceInfo)),
);

/** The instances that match, in the same format. */
export function filterApplications(
  catalog: Catalog,
  isMeant: (info: InstanceInfo) => boolean,
): ApplicationsResponse {
  const { application } = toApplications(catalog).applications;
  return groupIntoApplications(catalog, application.flatMap(({ instance }) => instance).filter(isMeant));
}

/** The number of instances per status, in Eureka's format: `DOWN_1_UP_3_`. */
function appsHashcode(infos: readonly InstanceInfo[]): string {
  const counts = [...Map.groupBy(infos, ({ status }) => status)].map(
    ([status, all]) => `${status}_${all.length}_`,
  );
  return counts.sort().join('');
}

/** Groups instances by application, with the hash of the whole catalog. */
export function groupIntoApplications(
  { index }: Catalog,
  infos: readonly InstanceInfo[],
  apps__hashcode = appsHashcode(infos),
): ApplicationsResponse {
  const application = [...Map.groupBy(infos, ({ app }) => app)].map(
    ([name, instance]): EurekaApplication => ({
      name,
      instance,
    }),
  );
  return { applications: { versions__delta: String(index), apps__hashcode, application } };
}

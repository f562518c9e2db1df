import { allInstances, instancesOf, instancesWithId, type Catalog } from '../../domain/catalog.ts';
import { HEARTBEAT_CHECK_ID, type CheckDefinition } from '../../domain/check.ts';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import {
  extractDefinition,
  qualifiedName,
  type InstanceDefinition,
  type Instance,
} from '../../domain/instance.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import { CheckNotFound, InstanceAmbiguous, ServiceNotFound } from '../../domain/registry.errors.ts';
import { parseConsulDetails, addNotes } from './consul-details.ts';

/** All of Plaza's services, as one Consul agent. */
export interface ConsulAgent {
  /**
   * Finds an instance by id, or by `SERVICE/ID` if several services have the id.
   * @throws {ServiceNotFound} {InstanceAmbiguous} {NothingKnown}
   */
  find(id: string): Promise<Instance>;
  /**
   * Registers an instance in place of the one with the same id. Its checks that the definition lacks stay, unless
   * `replaceChecks` is set.
   * @throws {RegistryFull} {NothingKnown}
   */
  register(definition: InstanceDefinition, replaceChecks: boolean): Promise<void>;
  /** @throws {ServiceNotFound} if there is no such service, or it was not registered through Consul's API. */
  addCheck(serviceId: string, check: CheckDefinition, notes: string): Promise<void>;
  /** @throws {CheckNotFound} */
  removeCheck(checkId: string): Promise<void>;
}

export interface ConsulAgentOptions {
  readonly catalogReader: Pick<CatalogReader, 'read'>;
  readonly registrations: Pick<Registrations, 'register' | 'unregister'>;
}

export function createConsulAgent({ catalogReader, registrations }: ConsulAgentOptions): ConsulAgent {
  async function find(id: string): Promise<Instance> {
    return resolveInstance((await catalogReader.read()).catalog, id);
  }

  async function reregister(
    { reportedState, ttlMs }: Instance,
    definition: InstanceDefinition,
  ): Promise<void> {
    await registrations.register({ definition, state: reportedState, ttlMs });
  }

  return {
    find,
    register: async (definition, replaceChecks) => {
      const { catalog } = await catalogReader.read();
      const sameIdInstances = instancesWithId(catalog, definition.instanceId).filter(isConsulInstance);
      const old = sameIdInstances.find(({ service }) => service === definition.service);
      const merged = old === undefined || replaceChecks ? definition : mergeChecks(old, definition);
      await registrations.register({ definition: merged, state: 'up' });
      // An agent has one service per id: this one has another name now.
      for (const { service, instanceId } of sameIdInstances.filter((other) => other !== old))
        await registrations.unregister({ service, instanceId }).catch(ignoreNotFound);
    },
    addCheck: async (serviceId, check, notes) => {
      const instance = await find(serviceId);
      if (!isConsulInstance(instance))
        throw new ServiceNotFound(`${serviceId} was not registered through Consul's API.`);
      const definition = extractDefinition(instance);
      const added = {
        ...definition,
        checks: [check],
        details: addNotes(definition.details, { [check.id]: notes }),
      };
      await reregister(instance, mergeChecks(instance, added));
    },
    removeCheck: async (checkId) => {
      const { catalog } = await catalogReader.read();
      const hasCheck = ({ checks }: Instance) =>
        checks.some(({ id }) => id === checkId && id !== HEARTBEAT_CHECK_ID);
      const instance = allInstances(catalog).find(
        (instance) => isConsulInstance(instance) && hasCheck(instance),
      );
      if (instance === undefined) throw unknownCheckError(checkId);
      const { checks, ...definition } = extractDefinition(instance);
      await reregister(instance, { ...definition, checks: checks.filter(({ id }) => id !== checkId) });
    },
  };
}

export function unknownCheckError(id: string): CheckNotFound {
  return new CheckNotFound(
    `Unknown check ID ${JSON.stringify(id)}. Ensure that the check ID is passed, not the check name.`,
  );
}

function isConsulInstance({ protocol }: Instance): boolean {
  return protocol === 'consul';
}

function resolveInstance(catalog: Catalog, id: string): Instance {
  const [first, ...others] = findInstancesById(catalog, id);
  if (first === undefined) {
    throw new ServiceNotFound(
      `Unknown service ID ${JSON.stringify(id)}. Ensure that the service ID is passed, not the service name.`,
    );
  }
  if (others.length === 0) return first;
  const names = [first, ...others].map(qualifiedName).join(', ');
  throw new InstanceAmbiguous(
    `Several services have an instance ${id}: say which one as SERVICE/ID (${names}).`,
  );
}

/** Ids have no slash, so the part before a slash is the service. */
function findInstancesById(catalog: Catalog, id: string): readonly Instance[] {
  const slash = id.indexOf('/');
  if (slash < 0) return instancesWithId(catalog, id);
  const instanceId = id.slice(slash + 1);
  return instancesOf(catalog, id.slice(0, slash)).filter((instance) => instance.instanceId === instanceId);
}

/** The definition with those earlier checks that it does not have. */
function mergeChecks(old: Instance, definition: InstanceDefinition): InstanceDefinition {
  const named = new Set(definition.checks.map(({ id }) => id));
  const kept = extractDefinition(old).checks.filter(({ id }) => !named.has(id));
  const notes = Object.entries(parseConsulDetails(old)?.notes ?? {}).filter(([id]) => !named.has(id));
  return {
    ...definition,
    checks: [...kept, ...definition.checks],
    details: addNotes(definition.details, Object.fromEntries(notes)),
  };
}

async function ignoreNotFound(error: unknown): Promise<void> {
  if (!(error instanceof ServiceNotFound)) throw error;
}

import { allInstances, instancesOf, instancesWithId, type Catalogue } from '../../domain/catalogue.ts';
import { HEARTBEAT, type CheckDefinition } from '../../domain/check.ts';
import type { Directory } from '../../domain/directory.ts';
import { declarationOf, nameOf, type Declaration, type Instance } from '../../domain/instance.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import { CheckNotFound, InstanceAmbiguous, ServiceNotFound } from '../../domain/registry.errors.ts';
import { consulDetailsOf, withNotes } from './details.ts';

/** All services of Plaza as if one agent of Consul had them. */
export interface Agent {
  /**
   * By id; where instances of several services have it, as `SERVICE/ID`.
   * @throws {ServiceNotFound} {InstanceAmbiguous} {NothingKnown}
   */
  find(id: string): Promise<Instance>;
  /**
   * In place of whatever has this id. Checks that it has and the declaration has not stay, unless they are to be
   * replaced. @throws {RegistryFull} {NothingKnown}
   */
  register(declaration: Declaration, replaceChecks: boolean): Promise<void>;
  /** @throws {ServiceNotFound} where there is no such service, or it was not registered through Consul's API. */
  addCheck(serviceId: string, check: CheckDefinition, notes: string): Promise<void>;
  /** @throws {CheckNotFound} */
  removeCheck(checkId: string): Promise<void>;
}

export interface AgentOptions {
  readonly directory: Pick<Directory, 'read'>;
  readonly registrations: Pick<Registrations, 'register' | 'unregister'>;
}

export function createAgent({ directory, registrations }: AgentOptions): Agent {
  async function find(id: string): Promise<Instance> {
    return instanceNamed((await directory.read()).catalogue, id);
  }

  async function declareAnew({ declared, ttlMs }: Instance, declaration: Declaration): Promise<void> {
    await registrations.register({ declaration, state: declared, ttlMs });
  }

  return {
    find,
    register: async (declaration, replaceChecks) => {
      const { catalogue } = await directory.read();
      const namesakes = instancesWithId(catalogue, declaration.instanceId).filter(isOurs);
      const old = namesakes.find(({ service }) => service === declaration.service);
      const kept = old === undefined || replaceChecks ? declaration : withChecksOf(old, declaration);
      await registrations.register({ declaration: kept, state: 'up' });
      // An agent knows one service by an id: this one has been given another name.
      for (const { service, instanceId } of namesakes.filter((other) => other !== old))
        await registrations.unregister({ service, instanceId }).catch(ignoreGone);
    },
    addCheck: async (serviceId, check, notes) => {
      const instance = await find(serviceId);
      if (!isOurs(instance))
        throw new ServiceNotFound(`${serviceId} was not registered through Consul's API.`);
      const declaration = declarationOf(instance);
      const added = {
        ...declaration,
        checks: [check],
        details: withNotes(declaration.details, { [check.id]: notes }),
      };
      await declareAnew(instance, withChecksOf(instance, added));
    },
    removeCheck: async (checkId) => {
      const { catalogue } = await directory.read();
      const hasIt = ({ checks }: Instance) => checks.some(({ id }) => id === checkId && id !== HEARTBEAT);
      const instance = allInstances(catalogue).find((instance) => isOurs(instance) && hasIt(instance));
      if (instance === undefined) throw unknownCheck(checkId);
      const { checks, ...declaration } = declarationOf(instance);
      await declareAnew(instance, { ...declaration, checks: checks.filter(({ id }) => id !== checkId) });
    },
  };
}

export function unknownCheck(id: string): CheckNotFound {
  return new CheckNotFound(
    `Unknown check ID ${JSON.stringify(id)}. Ensure that the check ID is passed, not the check name.`,
  );
}

function isOurs({ protocol }: Instance): boolean {
  return protocol === 'consul';
}

function instanceNamed(catalogue: Catalogue, id: string): Instance {
  const [first, ...others] = instancesCalled(catalogue, id);
  if (first === undefined) {
    throw new ServiceNotFound(
      `Unknown service ID ${JSON.stringify(id)}. Ensure that the service ID is passed, not the service name.`,
    );
  }
  if (others.length === 0) return first;
  const names = [first, ...others].map(nameOf).join(', ');
  throw new InstanceAmbiguous(
    `Several services have an instance ${id}: say which one as SERVICE/ID (${names}).`,
  );
}

/** No id has a slash in it, so that one with a slash names the service as well. */
function instancesCalled(catalogue: Catalogue, id: string): readonly Instance[] {
  const slash = id.indexOf('/');
  if (slash < 0) return instancesWithId(catalogue, id);
  const instanceId = id.slice(slash + 1);
  return instancesOf(catalogue, id.slice(0, slash)).filter((instance) => instance.instanceId === instanceId);
}

/** The declaration with those checks of an earlier one that it does not name. */
function withChecksOf(old: Instance, declaration: Declaration): Declaration {
  const named = new Set(declaration.checks.map(({ id }) => id));
  const kept = declarationOf(old).checks.filter(({ id }) => !named.has(id));
  const notes = Object.entries(consulDetailsOf(old)?.notes ?? {}).filter(([id]) => !named.has(id));
  return {
    ...declaration,
    checks: [...kept, ...declaration.checks],
    details: withNotes(declaration.details, Object.fromEntries(notes)),
  };
}

async function ignoreGone(error: unknown): Promise<void> {
  if (!(error instanceof ServiceNotFound)) throw error;
}

import type { Catalog, InstanceChange } from '../../domain/catalog.ts';
import { groupIntoApplications, toApplications } from './applications.ts';
import { toInstanceInfo } from './instance-info.ts';
import type { ApplicationsResponse } from './response.schemas.ts';

const ACTIONS = { added: 'ADDED', modified: 'MODIFIED', deleted: 'DELETED' } as const;

/** The changes and the hash of the whole catalog: a client that computes another hash requests the whole catalog. */
export function toApplicationsDelta(
  catalog: Catalog,
  changes: readonly InstanceChange[],
): ApplicationsResponse {
  const changed = changes.map(({ kind, instance }) => ({
    ...toInstanceInfo(instance),
    actionType: ACTIONS[kind],
  }));
  return groupIntoApplications(catalog, changed, toApplications(catalog).applications.apps__hashcode);
}

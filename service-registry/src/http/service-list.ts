import { allInstances, type Catalog } from '../domain/catalog.ts';
import type { Instance } from '../domain/instance.ts';
import type { LastHeartbeatLookup } from '../domain/liveness.ts';
import { memoizeByObject } from './memoize.ts';

/** The body of GET /services. For an unchanged instance only the last heartbeat is serialized again. */
export function serializeServiceList(catalog: Catalog, lastHeartbeat: LastHeartbeatLookup): Buffer {
  const texts = allInstances(catalog).map((instance) => {
    const { before, after } = serializeAroundHeartbeat(instance);
    return `${before}${lastHeartbeat(instance) ?? instance.registeredAt}${after}`;
  });
  return Buffer.from(`{"success":true,"services":[${texts.join(',')}]}`);
}

/** The JSON of an instance before and after its last heartbeat. */
const serializeAroundHeartbeat = memoizeByObject((instance: Instance) => {
  const { service, url, healthCheckUrl, registeredAt } = instance;
  const { instanceId, version, weight, state, tags, metadata } = instance;
  const first = JSON.stringify({ name: service, url, healthCheckUrl, registeredAt });
  const second = JSON.stringify({ instanceId, version, weight, state, tags, metadata });
  return { before: `${first.slice(0, -1)},"lastHeartbeat":`, after: `,${second.slice(1)}` };
});

import { allInstances, type Catalogue } from '../domain/catalogue.ts';
import type { Instance } from '../domain/instance.ts';
import type { LastHeartbeat } from '../domain/vitals.ts';
import { kept } from './kept.ts';

/** What GET /services answers. Of an instance that did not change only the last heartbeat is written anew. */
export function serviceList(catalogue: Catalogue, lastHeartbeat: LastHeartbeat): Buffer {
  const texts = allInstances(catalogue).map((instance) => {
    const { before, after } = around(instance);
    return `${before}${lastHeartbeat(instance) ?? instance.registeredAt}${after}`;
  });
  return Buffer.from(`{"success":true,"services":[${texts.join(',')}]}`);
}

/** The JSON of an instance before and after its last heartbeat. */
const around = kept((instance: Instance) => {
  const { service, url, healthCheckUrl, registeredAt } = instance;
  const { instanceId, version, weight, state, tags, metadata } = instance;
  const first = JSON.stringify({ name: service, url, healthCheckUrl, registeredAt });
  const second = JSON.stringify({ instanceId, version, weight, state, tags, metadata });
  return { before: `${first.slice(0, -1)},"lastHeartbeat":`, after: `,${second.slice(1)}` };
});

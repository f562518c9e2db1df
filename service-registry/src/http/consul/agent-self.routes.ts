import { route, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import { DATACENTER } from './health-entry.ts';
import { consulRouteDefaults } from './route-defaults.ts';

const self = z
  .object({
    Config: z.object({
      Datacenter: z.string(),
      PrimaryDatacenter: z.string(),
      NodeName: z.string(),
      NodeID: z.string(),
      Revision: z.string(),
      Server: z.boolean(),
      Version: z.string(),
    }),
  })
  .meta({ id: 'ConsulSelf' });

/** The agent's own data. Clients read the version to detect features. */
export function agentSelfRoute(version: string): HttpRoute {
  const Config = {
    Datacenter: DATACENTER,
    PrimaryDatacenter: DATACENTER,
    NodeName: 'service-registry',
    NodeID: '',
    Revision: 'plaza',
    Server: true,
    Version: version,
  };
  return route({
    ...consulRouteDefaults,
    method: 'get',
    path: '/v1/agent/self',
    summary: 'Version and configuration of this registry',
    auth: 'none',
    responses: { 200: self },
    handle: () => ({ status: 200, body: { Config } }),
  });
}

import type { Route } from '@plaza/service-kit';
import type { InstanceStore, Registrations } from '../../domain/registrations.service.ts';
import { createAgent } from './agent.ts';
import { agentChecksRoutes } from './agent-checks.routes.ts';
import { agentSelfRoute } from './agent-self.routes.ts';
import { agentServicesRoutes } from './agent-services.routes.ts';
import { catalogRoutes } from './catalog.routes.ts';
import { consulWriters } from './credentials.ts';
import { healthRoutes } from './health.routes.ts';
import type { ListOptions } from './lists.ts';
import { writes } from './protocol.ts';
import { statusRoutes } from './status.routes.ts';

export interface ConsulRoutesOptions extends ListOptions {
  readonly registrations: Registrations;
  readonly store: Pick<InstanceStore, 'vitals'>;
  readonly token: string | undefined;
  /** Of this registry. */
  readonly version: string;
}

/** Consul's HTTP API, as far as its clients use it (https://developer.hashicorp.com/consul/api-docs). */
export function consulRoutes(options: ConsulRoutesOptions): Route[] {
  const { directory, registrations, token, version } = options;
  const agent = createAgent({ directory, registrations });
  const writing = { ...options, agent, write: writes(consulWriters(token)) };
  return [
    ...healthRoutes(options),
    ...catalogRoutes(options),
    ...agentServicesRoutes(writing),
    ...agentChecksRoutes(writing),
    ...statusRoutes(directory),
    agentSelfRoute(version),
  ];
}

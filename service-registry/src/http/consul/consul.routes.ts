import type { HttpRoute } from '@plaza/service-kit';
import type { InstanceStore, Registrations } from '../../domain/registrations.service.ts';
import { createConsulAgent } from './agent.ts';
import { agentChecksRoutes } from './agent-checks.routes.ts';
import { agentSelfRoute } from './agent-self.routes.ts';
import { agentServicesRoutes } from './agent-services.routes.ts';
import { catalogRoutes } from './catalog.routes.ts';
import { createConsulAuthenticator } from './consul-auth.ts';
import { healthRoutes } from './health.routes.ts';
import type { ListOptions } from './list-endpoint.ts';
import { createWriteRouteFactory } from './route-defaults.ts';
import { statusRoutes } from './status.routes.ts';

export interface ConsulRoutesOptions extends ListOptions {
  readonly registrations: Registrations;
  readonly store: Pick<InstanceStore, 'liveness'>;
  readonly token: string | undefined;
  /** The version of this registry. */
  readonly version: string;
}

/** The part of Consul's HTTP API that clients use (https://developer.hashicorp.com/consul/api-docs). */
export function consulRoutes(options: ConsulRoutesOptions): HttpRoute[] {
  const { catalogReader, registrations, token, version } = options;
  const agent = createConsulAgent({ catalogReader, registrations });
  const writeOptions = {
    ...options,
    agent,
    write: createWriteRouteFactory(createConsulAuthenticator(token)),
  };
  return [
    ...healthRoutes(options),
    ...catalogRoutes(options),
    ...agentServicesRoutes(writeOptions),
    ...agentChecksRoutes(writeOptions),
    ...statusRoutes(catalogReader),
    agentSelfRoute(version),
  ];
}

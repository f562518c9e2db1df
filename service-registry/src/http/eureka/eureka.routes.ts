import type { HttpRoute } from '@plaza/service-kit';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import type { InstanceStore, Registrations } from '../../domain/registrations.service.ts';
import { applicationsRoutes } from './applications.routes.ts';
import { createEurekaAuthenticator } from './eureka-auth.ts';
import { instanceRoutes } from './instance.routes.ts';
import { createWriteRouteDefaults } from './route-defaults.ts';

export interface EurekaRoutesOptions {
  readonly catalogReader: CatalogReader;
  readonly store: Pick<InstanceStore, 'lastHeartbeats'>;
  readonly registrations: Registrations;
  readonly token: string | undefined;
}

/** Eureka's REST API (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function eurekaRoutes({ token, ...options }: EurekaRoutesOptions): HttpRoute[] {
  return [
    ...applicationsRoutes(options),
    ...instanceRoutes({
      ...options,
      writeDefaults: createWriteRouteDefaults(createEurekaAuthenticator(token)),
    }),
  ];
}

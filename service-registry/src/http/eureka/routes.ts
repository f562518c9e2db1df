import type { Route } from '@plaza/service-kit';
import type { Directory } from '../../domain/directory.ts';
import type { InstanceStore, Registrations } from '../../domain/registrations.service.ts';
import { applicationsRoutes } from './applications.routes.ts';
import { eurekaWriters } from './credentials.ts';
import { instanceRoutes } from './instance.routes.ts';
import { writing } from './protocol.ts';

export interface EurekaRoutesOptions {
  readonly directory: Directory;
  readonly store: Pick<InstanceStore, 'lastHeartbeats'>;
  readonly registrations: Registrations;
  readonly token: string | undefined;
}

/** Eureka's REST API (https://github.com/Netflix/eureka/wiki/Eureka-REST-operations). */
export function eurekaRoutes({ token, ...options }: EurekaRoutesOptions): Route[] {
  return [
    ...applicationsRoutes(options),
    ...instanceRoutes({ ...options, writing: writing(eurekaWriters(token)) }),
  ];
}

import { Unauthorized } from '@plaza/errors';
import { createBodyReader, type ErrorFormat, type HttpRoute } from '@plaza/service-kit';
import { z } from 'zod';
import type { CatalogReader } from '../../domain/catalog-reader.ts';
import type { Registrations } from '../../domain/registrations.service.ts';
import { NothingKnown } from '../../domain/registry.errors.ts';
import { MEDIA_TYPES } from './content-negotiation.ts';

const eurekaErrorFormat: ErrorFormat = {
  contentType: 'text/plain',
  schema: z.string(),
  serialize: ({ message }) => message,
  challenge: 'Basic realm="service-registry"',
};

/** Netflix' clients use /eureka/v2, Spring's use /eureka. */
export const BASE_PATHS = ['/eureka', '/eureka/v2'] as const;

/** Defaults of all Eureka routes. */
const eurekaRouteDefaults = { tag: 'Eureka', errorFormat: eurekaErrorFormat } as const;

/** Defaults of all lists. */
export const readRouteDefaults = {
  ...eurekaRouteDefaults,
  method: 'get',
  auth: 'none',
  errors: [NothingKnown],
  produces: MEDIA_TYPES,
} as const;

/** Defaults of all writes. */
export function createWriteRouteDefaults(authenticate: NonNullable<HttpRoute['authenticate']>) {
  return {
    ...eurekaRouteDefaults,
    auth: 'required',
    authenticate,
    errors: [Unauthorized],
    bodyReader: createBodyReader({ text: ['application/xml', 'text/xml'] }),
  } as const;
}

export type WriteRouteDefaults = ReturnType<typeof createWriteRouteDefaults>;

export interface WriteRoutesOptions {
  readonly catalogReader: Pick<CatalogReader, 'cached' | 'read'>;
  readonly registrations: Registrations;
  readonly writeDefaults: WriteRouteDefaults;
}

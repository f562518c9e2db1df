import { z } from 'zod';
import type { ServiceInstance } from './service-instance.ts';
import { RegistryUnavailable } from './registry.errors.ts';

/** The passing instances of a service at one moment of the registry. */
export interface PassingInstances {
  readonly instances: readonly ServiceInstance[];
  /** Changes when the list does; hand it back to wait for the next change. */
  readonly index: number;
  /** Changes when the registry lost what it knew and began anew. */
  readonly epoch: string;
  /** Milliseconds since the registry could last read its own store; 0 while it can. */
  readonly ageMs: number;
  /** How many instances are registered, passing or not; undefined where the registry does not say. */
  readonly registered?: number | undefined;
}

/** The part of Consul's answer that is read here. */
const entries = z.array(
  z.object({
    Node: z.object({ Address: z.string() }),
    Service: z.object({
      ID: z.string(),
      Address: z.string(),
      Port: z.number(),
      Tags: z.array(z.string()).nullish(),
      Meta: z.record(z.string(), z.string()).nullable(),
      Weights: z.object({ Passing: z.number() }).optional(),
    }),
  }),
);

const headers = z.object({
  'x-consul-index': z.coerce.number().int().min(0),
  'x-consul-lastcontact': z.coerce.number().min(0).default(0),
  'x-registry-instances': z.coerce.number().int().min(0).optional(),
  'x-registry-epoch': z.string().default(''),
});

/** Reads the answer of `/v1/health/service/:name`. @throws {RegistryUnavailable} where it is none. */
export function parseHealthResponse(
  service: string,
  response: { data: unknown; headers: unknown },
): PassingInstances {
  const body = entries.safeParse(response.data);
  const head = headers.safeParse(response.headers);
  if (!body.success || !head.success)
    throw new RegistryUnavailable('What answers at REGISTRY_URL is no registry.', {
      reason: 'invalid_response',
    });
  return {
    instances: body.data.map(({ Node, Service }) => {
      const { url, version = '', ...metadata } = Service.Meta ?? {};
      const address = Service.Address === '' ? Node.Address : Service.Address;
      return {
        service,
        instanceId: Service.ID,
        url: (url ?? `http://${address}:${Service.Port}`).replace(/\/+$/, ''),
        version,
        weight: Service.Weights?.Passing ?? 1,
        tags: Service.Tags ?? [],
        metadata,
      };
    }),
    index: head.data['x-consul-index'],
    epoch: head.data['x-registry-epoch'],
    registered: head.data['x-registry-instances'],
    ageMs: head.data['x-consul-lastcontact'],
  };
}

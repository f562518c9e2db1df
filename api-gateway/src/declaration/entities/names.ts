import type { KongFormat } from '../format/document.ts';
import type { Reference } from '../format/values.ts';
import { consumerName, routesIn, serviceName } from '../walk.ts';

export interface Names {
  /** What a reference means. */
  get(to: Reference | undefined): string | undefined;
}

/** References by id lead to names as well. */
export function namesIn(file: KongFormat): Names {
  const ids = new Map([
    ...file.services.map((service) => [service.id, serviceName(service)] as const),
    ...routesIn(file).map(({ route, name }) => [route.id, name] as const),
    ...file.upstreams.map(({ id, name }) => [id, name] as const),
    ...file.consumers.map((consumer) => [consumer.id, consumerName(consumer)] as const),
  ]);
  return {
    get: (to) => {
      if (to === undefined) return undefined;
      return 'id' in to ? ids.get(to.id) : to.name;
    },
  };
}

import type { UnavailableReason } from '@plaza/errors';
import {
  createInstanceFromUrl,
  type ServiceInstance,
  type InstanceSnapshot,
  type ServiceWatch,
} from '@plaza/discovery';
import type { TargetEntity } from '../kong-config/model/entities.ts';
import { parseOrigin } from '../transport/origin.ts';
import type { Endpoint } from './endpoint.ts';
import { matchesSelector, parseSelector } from './label-selector.ts';

/** The endpoints of a name. Reads from memory. */
export interface EndpointSource {
  /** The same array until an endpoint is added or removed. */
  endpoints(): readonly Endpoint[];
  /** Why there is none. */
  emptyReason(): UnavailableReason;
}

/** The instances that the registry lists under the name. */
export function registryEndpoints(watch: ServiceWatch): EndpointSource {
  return watchedEndpoints(watch, (instance, fallback) => toEndpoint(instance, '', fallback));
}

/** The targets of an upstream: addresses, and the registry's instances that match a selector. */
export function targetEndpoints(targets: readonly TargetEntity[], watch: () => ServiceWatch): EndpointSource {
  const selecting = targets
    .flatMap(({ target }) => {
      const selector = parseSelector(target);
      return selector === undefined ? [] : [{ target, selector }];
    })
    .sort((one, other) => other.selector.length - one.selector.length);
  const addresses = targets.filter(({ target }) => parseSelector(target) === undefined);
  const fixed = addresses.flatMap(({ target }) => toFixedEndpoint(`http://${target}`, target));
  if (selecting.length === 0) return { endpoints: () => fixed, emptyReason: () => 'no_target_matches' };
  const selected = watchedEndpoints(watch(), (instance, fallback) => {
    if (fallback) return toEndpoint(instance, '', true);
    const found = selecting.find(({ selector }) => matchesSelector(selector, instance));
    return found === undefined ? [] : toEndpoint(instance, found.target, false);
  });
  return fixed.length === 0
    ? selected
    : { endpoints: concatEndpoints(fixed, selected), emptyReason: selected.emptyReason };
}

/** One address that is no upstream and no name in the registry. */
export function singleEndpoint(url: string): EndpointSource {
  const endpoints = toFixedEndpoint(url, '');
  return { endpoints: () => endpoints, emptyReason: () => 'no_target_matches' };
}

function watchedEndpoints(
  watch: ServiceWatch,
  endpointsOf: (instance: ServiceInstance, fallback: boolean) => Endpoint[],
): EndpointSource {
  let snapshot: InstanceSnapshot | undefined;
  let endpoints: readonly Endpoint[] = [];
  return {
    // Instances that are not endpoints match no target.
    emptyReason: () => watch.current().emptyReason ?? 'no_target_matches',
    endpoints: () => {
      const current = watch.current();
      if (current === snapshot) return endpoints;
      snapshot = current;
      const known = new Map(endpoints.map((endpoint) => [endpoint.instanceId, endpoint]));
      endpoints = current.instances
        .flatMap((instance) => endpointsOf(instance, current.source === 'fallback'))
        .map((endpoint) => reuseUnchanged(known.get(endpoint.instanceId), endpoint));
      return endpoints;
    },
  };
}

/** Keeps the object, and with it the state, of an instance that has not changed. */
function reuseUnchanged(known: Endpoint | undefined, endpoint: Endpoint): Endpoint {
  const unchanged =
    known?.url === endpoint.url &&
    known.version === endpoint.version &&
    known.weight === endpoint.weight &&
    known.target === endpoint.target;
  return unchanged ? known : endpoint;
}

function concatEndpoints(fixed: readonly Endpoint[], selected: EndpointSource): () => readonly Endpoint[] {
  let last: readonly Endpoint[] | undefined;
  let all = fixed;
  return () => {
    const current = selected.endpoints();
    if (current !== last) all = [...fixed, ...current];
    last = current;
    return all;
  };
}

/** Empty if the instance's URL is not valid. */
function toEndpoint(
  { instanceId, url, weight, version }: ServiceInstance,
  target: string,
  fallback: boolean,
): Endpoint[] {
  const origin = parseOrigin(url);
  if (origin === undefined) return [];
  return [{ instanceId, url, weight, version, origin, target, fallback, activeRequests: 0 }];
}

function toFixedEndpoint(url: string, target: string): Endpoint[] {
  const instance = createInstanceFromUrl('', url);
  return toEndpoint(instance, target, false);
}

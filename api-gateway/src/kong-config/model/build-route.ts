import type { RouteEntity, RoutePath, ServiceEntity } from './entities.ts';
import { entityId } from './entity-id.ts';
import { pathPattern } from '../schema/path.ts';
import type { KongRoute } from '../schema/route.ts';

export function buildRoute(route: KongRoute, name: string, service: ServiceEntity | undefined): RouteEntity {
  return {
    id: entityId('route', name, route.id),
    name,
    service,
    paths: (route.paths ?? []).map(toRoutePath),
    methods: route.methods && new Set(route.methods),
    hosts: route.hosts ?? [],
    headers: new Map(
      Object.entries(route.headers ?? {}).map(([header, values]) => [header.toLowerCase(), values]),
    ),
    protocols: new Set(route.protocols),
    httpsRedirectStatusCode: route.https_redirect_status_code,
    stripPath: route.strip_path,
    preserveHost: route.preserve_host,
    regexPriority: route.regex_priority,
    tags: new Set(route.tags),
  };
}

function toRoutePath(path: string): RoutePath {
  if (!path.startsWith('~')) return { kind: 'prefix', value: path };
  return { kind: 'regex', value: path.slice(1), pattern: pathPattern(path.slice(1)) };
}

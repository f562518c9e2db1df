import type { RouteEntity, RoutePath } from '../kong-config/model/entities.ts';
import { enabledRoutes } from '../kong-config/model/enabled-routes.ts';

/** Paths of one route with the same priority, and the attributes that decide the priority. */
export interface RouteCandidate {
  readonly route: RouteEntity;
  /** All prefixes of one length, or all expressions; empty if every path matches. */
  readonly paths: readonly RoutePath[];
  /** Position in the file: the first wins if nothing else decides. */
  readonly order: number;
}

/** The maximum that Kong's router counts. */
const MAX_COUNTED_HEADERS = 255;

/**
 * A route with paths of several kinds or lengths competes with each of them by itself
 * (kong/router/compat.lua, split_routes_and_services_by_path).
 */
export function toRouteCandidates(routes: readonly RouteEntity[]): RouteCandidate[] {
  return enabledRoutes(routes).flatMap((route, order) => {
    if (route.paths.length === 0) return [{ route, paths: [], order }];
    const alike = Map.groupBy(route.paths, ({ kind, value }) => (kind === 'regex' ? kind : value.length));
    return [...alike.values()].map((paths) => ({ route, paths, order }));
  });
}

/**
 * Compares two candidates. Kong's rules (kong/router/transform.lua, get_priority): more kinds of attributes,
 * plain hosts before wildcards, more headers, expressions before prefixes and among them the higher
 * regex_priority, the longer prefix, the one created earlier.
 */
export function compareRoutePriority(one: RouteCandidate, other: RouteCandidate): number {
  const mine = priorityWeights(one);
  const theirs = priorityWeights(other);
  const differing = mine.findIndex((weight, index) => weight !== theirs[index]);
  return differing === -1 ? one.order - other.order : (theirs[differing] ?? 0) - (mine[differing] ?? 0);
}

function priorityWeights({ route, paths }: RouteCandidate): number[] {
  const { methods, hosts, headers, regexPriority } = route;
  const regex = paths[0]?.kind === 'regex';
  const attributes = [methods !== undefined, hosts.length > 0, headers.size > 0, paths.length > 0];
  const plainHosts = hosts.length > 0 && hosts.every((host) => !host.includes('*'));
  return [
    attributes.filter(Boolean).length,
    Number(plainHosts),
    Math.min(headers.size, MAX_COUNTED_HEADERS),
    Number(regex),
    regex ? regexPriority : 0,
    regex ? 0 : (paths[0]?.value.length ?? 0),
  ];
}

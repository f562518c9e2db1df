import type { RouteEntity, RoutePath } from '../kong-config/model/entities.ts';
import type { UriCaptures } from '../plugins/api/request-context.ts';
import { createRouteMatcher, type RoutableRequest } from './route-matchers.ts';
import { toRouteCandidates, compareRoutePriority, type RouteCandidate } from './route-priority.ts';
import { buildUpstreamPath } from './upstream-path.ts';

export interface RouteMatch {
  readonly route: RouteEntity;
  /** The normalised path that matched. */
  readonly path: string;
  /** The path of the upstream request, without a query. */
  readonly upstreamPath: string;
  /** The part that is removed from the path; empty if none. */
  readonly prefix: string;
  readonly captures: UriCaptures;
}

/** Finds the route of a normalised path; undefined if there is none. */
export type Router = (path: string, request: RoutableRequest) => RouteMatch | undefined;

/** A candidate with its rank and compiled matcher. */
interface CompiledRoute {
  readonly route: RouteEntity;
  readonly paths: readonly RoutePath[];
  /** 0 is the highest priority. */
  readonly rank: number;
  readonly matches: ((request: RoutableRequest) => boolean) | undefined;
}

/** A route with an expression, or for every path: tested one by one. */
interface RegexRoute extends CompiledRoute {
  /** Prefixes of all paths that can match: comparing them is cheaper than running the expression. */
  readonly literalPrefixes: readonly string[];
}

/**
 * Compiles the routes once. For a request, the router looks up the path's prefixes, one lookup for each length that
 * a route has, and then tests the expressions of higher priority, in order.
 */
export function createRouter({ routes }: { readonly routes: readonly RouteEntity[] }): Router {
  const compiled = toRouteCandidates(routes)
    .toSorted(compareRoutePriority)
    .map((candidate, rank) => compileCandidate(candidate, rank));
  const prefixes = indexByPrefix(compiled);
  const lengths = [...new Set([...prefixes.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  const regexRoutes = compiled
    .filter(({ paths }) => paths[0]?.kind !== 'prefix')
    .map((compiledRoute): RegexRoute => ({
      ...compiledRoute,
      literalPrefixes: compiledRoute.paths.map(({ value }) => literalPrefix(value)),
    }));

  function byPrefix(
    path: string,
    request: RoutableRequest,
  ): { found: CompiledRoute; prefix: string } | undefined {
    let best: { found: CompiledRoute; prefix: string } | undefined;
    for (const length of lengths) {
      if (length > path.length) continue;
      const prefix = path.slice(0, length);
      const found = prefixes.get(prefix)?.find(({ matches }) => matches === undefined || matches(request));
      if (found !== undefined && (best === undefined || found.rank < best.found.rank))
        best = { found, prefix };
    }
    return best;
  }

  return (path, request) => {
    const best = byPrefix(path, request);
    for (const compiledRoute of regexRoutes) {
      if (best !== undefined && compiledRoute.rank > best.found.rank) break;
      const matched = matchPath(compiledRoute, path);
      if (matched !== undefined && (compiledRoute.matches === undefined || compiledRoute.matches(request)))
        return toRouteMatch(compiledRoute.route, path, matched[0] ?? '', toCaptures(matched));
    }
    return best && toRouteMatch(best.found.route, path, best.prefix, NO_CAPTURES);
  };
}

function compileCandidate({ route, paths }: RouteCandidate, rank: number): CompiledRoute {
  return { route, paths, rank, matches: createRouteMatcher(route) };
}

/** The routes of each prefix, in order of priority. */
function indexByPrefix(compiled: readonly CompiledRoute[]): ReadonlyMap<string, readonly CompiledRoute[]> {
  const prefixes = new Map<string, CompiledRoute[]>();
  for (const compiledRoute of compiled) {
    for (const { kind, value } of compiledRoute.paths) {
      if (kind === 'prefix') prefixes.set(value, [...(prefixes.get(value) ?? []), compiledRoute]);
    }
  }
  return prefixes;
}

const MATCH_ANY_PATH: readonly string[] = [''];

function matchPath({ paths, literalPrefixes }: RegexRoute, path: string): readonly string[] | undefined {
  if (paths.length === 0) return MATCH_ANY_PATH;
  for (const [index, candidate] of paths.entries()) {
    if (candidate.kind !== 'regex' || !path.startsWith(literalPrefixes[index] ?? '')) continue;
    const matched = candidate.pattern.exec(path);
    if (matched !== null) return matched;
  }
  return undefined;
}

function toRouteMatch(route: RouteEntity, path: string, matched: string, captures: UriCaptures): RouteMatch {
  const prefix = route.stripPath ? matched : '';
  return {
    route,
    path,
    prefix,
    captures,
    upstreamPath: buildUpstreamPath(route.service?.path ?? '/', path, prefix),
  };
}

const NO_CAPTURES: UriCaptures = {};

/** The groups by number from 1, and the named ones also by name. */
function toCaptures(matched: readonly string[] & { groups?: UriCaptures }): UriCaptures {
  if (matched.length < 2) return NO_CAPTURES;
  return {
    ...Object.fromEntries(matched.slice(1).map((value, index) => [index + 1, value ?? ''])),
    ...matched.groups,
  };
}

/** The literal characters at the start of an expression: `/api/users/` of `/api/users/\d+`. */
function literalPrefix(expression: string): string {
  if (expression.includes('|')) return '';
  const head = /^[\w/~%:@!&',;=-]*/.exec(expression)?.[0] ?? '';
  // A quantified character may occur zero times.
  return /^[*?{]/.test(expression.slice(head.length)) ? head.slice(0, -1) : head;
}

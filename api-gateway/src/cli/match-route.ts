import { isPlazaError } from '@plaza/errors';
import type { DeclarativeConfig, RouteEntity } from '../kong-config/model/entities.ts';
import { createRouteMatcher, type RoutableRequest } from '../router/route-matchers.ts';
import { toRouteCandidates, compareRoutePriority, type RouteCandidate } from '../router/route-priority.ts';
import { parseRequestTarget } from '../proxy/request-target.ts';
import { createRouter } from '../router/router.ts';
import { formatServiceUrl } from './route-table.ts';

export interface RouteQuery {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface RouteMatchReport {
  readonly text: string;
  readonly found: boolean;
}

/** Explains which route a request matches, its upstream request, and why no other route matches. */
export function matchRoute(config: DeclarativeConfig, routeQuery: RouteQuery): RouteMatchReport {
  try {
    return describeMatch(config, routeQuery, parseRequestTarget(routeQuery.target));
  } catch (error) {
    if (!isPlazaError(error)) throw error;
    return { found: false, text: `No route: the gateway answers 400. ${error.message}\n` };
  }
}

function describeMatch(
  config: DeclarativeConfig,
  routeQuery: RouteQuery,
  { path, query }: { path: string; query: string },
): RouteMatchReport {
  const request = toRoutableRequest(routeQuery);
  const match = createRouter(config)(path, request);
  const candidates = toRouteCandidates(config.routes).toSorted(compareRoutePriority);
  const matching = candidates.filter((candidate) => matches(candidate, path, request));
  if (match === undefined)
    return {
      found: false,
      text: `No route: ${describeNearMisses(config.routes, path, request)}\n`,
    };
  const [, ...others] = matching;
  const lines = [
    `${routeQuery.method} ${routeQuery.target} takes the route ${match.route.name}`,
    `  service   ${match.route.service?.name ?? '-'}: ${formatServiceUrl(match.route)}`,
    `  is asked  ${routeQuery.method} ${match.upstreamPath}${query}`,
    `  because   ${describeReason(match.route, match.prefix, matching[0])}`,
    ...describeCaptures(match.captures),
    ...others.map(
      (other) =>
        `  before    ${other.route.name}, which matches too: ${describeDifference(matching[0], other)}`,
    ),
  ];
  return { found: true, text: `${lines.join('\n')}\n` };
}

function toRoutableRequest({ method, headers }: RouteQuery): RoutableRequest {
  const distinct = Object.groupBy(headers, ([name]) => name);
  const values = Object.entries(distinct).map(
    ([name, lines]) => [name, (lines ?? []).map(([, value]) => value)] as const,
  );
  const headersDistinct = Object.fromEntries(values);
  return { method, host: headersDistinct['host']?.[0] ?? 'localhost', protocol: 'http', headersDistinct };
}

function matches({ route, paths }: RouteCandidate, path: string, request: RoutableRequest): boolean {
  if (createRouteMatcher(route)?.(request) === false) return false;
  return (
    paths.length === 0 ||
    paths.some((one) => (one.kind === 'regex' ? one.pattern.test(path) : path.startsWith(one.value)))
  );
}

function describeReason(route: RouteEntity, prefix: string, candidate: RouteCandidate | undefined): string {
  const paths = (candidate?.paths ?? []).map(({ kind, value }) => (kind === 'regex' ? `~${value}` : value));
  const parts = [
    ...(paths.length === 0 ? ['it takes every path'] : [`the path matches ${paths.join(' or ')}`]),
    ...(route.methods === undefined ? [] : ['so does the method']),
    ...(route.hosts.length === 0 ? [] : ['the host']),
    ...(route.headers.size === 0 ? [] : ['the headers']),
    ...(prefix === '' ? [] : [`${prefix} is cut off`]),
  ];
  return parts.join(', ');
}

function describeCaptures(captures: Readonly<Record<string, string>>): string[] {
  const named = Object.entries(captures).map(([name, value]) => `${name} = ${value}`);
  return named.length === 0 ? [] : [`  captures  ${named.join(', ')}`];
}

/** In the order of Kong's rules: see compareRoutePriority. */
function describeDifference(first: RouteCandidate | undefined, { route, paths }: RouteCandidate): string {
  const kind = first?.paths[0]?.kind;
  if (first !== undefined && countAttributes(first.route) !== countAttributes(route))
    return 'it asks for less';
  if (kind === 'regex' && paths[0]?.kind === 'prefix') return 'an expression goes before a prefix';
  if (kind === 'regex' && first?.route.regexPriority !== route.regexPriority)
    return 'its regex_priority is lower';
  if (kind === 'prefix' && first?.paths[0]?.value.length !== paths[0]?.value.length)
    return 'its prefix is shorter';
  return 'it is less exact, or comes later in the file';
}

const countAttributes = ({ methods, hosts, headers, paths }: RouteEntity) =>
  [methods !== undefined, hosts.length > 0, headers.size > 0, paths.length > 0].filter(Boolean).length;

function describeNearMisses(routes: readonly RouteEntity[], path: string, request: RoutableRequest): string {
  const near = toRouteCandidates(routes).filter(
    (candidate) =>
      candidate.paths.length > 0 &&
      matches(
        { ...candidate, route: { ...candidate.route, methods: undefined, hosts: [], headers: new Map() } },
        path,
        request,
      ),
  );
  if (near.length === 0) return `nothing matches the path ${path}.`;
  return `the path matches ${near.map(({ route }) => route.name).join(', ')}, but not the method, the host or the headers.`;
}

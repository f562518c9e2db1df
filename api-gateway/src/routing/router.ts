import type { Route, RoutePath } from '../declaration/declaration.ts';
import type { Captures } from '../plugins/plugin.ts';
import { conditionOf, type Asked } from './conditions.ts';
import { candidatesOf, compareCandidates, type Candidate } from './priority.ts';
import { upstreamPath } from './upstream-path.ts';

export interface Match {
  readonly route: Route;
  /** As it was matched. */
  readonly path: string;
  /** What the service is asked for; a path without a query. */
  readonly upstreamPath: string;
  /** What was cut off the path that came; empty where nothing was. */
  readonly prefix: string;
  readonly captures: Captures;
}

/** Finds the route of a normalised path, if there is one. */
export type Router = (path: string, asked: Asked) => Match | undefined;

/** A candidate in the order of priority, ready to be asked. */
interface Compiled {
  readonly route: Route;
  readonly paths: readonly RoutePath[];
  /** 0 goes before all others. */
  readonly rank: number;
  readonly holds: ((asked: Asked) => boolean) | undefined;
}

/** An expression, or a route for every path: found by trying. */
interface Tried extends Compiled {
  /** What a path begins with that can match: comparing is cheaper than an expression. */
  readonly heads: readonly string[];
}

/**
 * Compiles the routes once. A path's prefixes are looked up, one lookup a length that some route has; the
 * expressions that could go before what was found are then tried, in their order.
 */
export function createRouter({ routes }: { readonly routes: readonly Route[] }): Router {
  const compiled = candidatesOf(routes)
    .toSorted(compareCandidates)
    .map((candidate, rank) => compile(candidate, rank));
  const prefixes = prefixesOf(compiled);
  const lengths = [...new Set([...prefixes.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  const tried = compiled
    .filter(({ paths }) => paths[0]?.kind !== 'prefix')
    .map((one): Tried => ({ ...one, heads: one.paths.map(({ value }) => literalHead(value)) }));

  function byPrefix(path: string, asked: Asked): { found: Compiled; prefix: string } | undefined {
    let best: { found: Compiled; prefix: string } | undefined;
    for (const length of lengths) {
      if (length > path.length) continue;
      const prefix = path.slice(0, length);
      const found = prefixes.get(prefix)?.find(({ holds }) => holds === undefined || holds(asked));
      if (found !== undefined && (best === undefined || found.rank < best.found.rank))
        best = { found, prefix };
    }
    return best;
  }

  return (path, asked) => {
    const best = byPrefix(path, asked);
    for (const one of tried) {
      if (best !== undefined && one.rank > best.found.rank) break;
      const matched = tryPath(one, path);
      if (matched !== undefined && (one.holds === undefined || one.holds(asked)))
        return matchOf(one.route, path, matched[0] ?? '', capturesOf(matched));
    }
    return best && matchOf(best.found.route, path, best.prefix, NO_CAPTURES);
  };
}

function compile({ route, paths }: Candidate, rank: number): Compiled {
  return { route, paths, rank, holds: conditionOf(route) };
}

/** By prefix, who wants it, in the order of priority. */
function prefixesOf(compiled: readonly Compiled[]): ReadonlyMap<string, readonly Compiled[]> {
  const prefixes = new Map<string, Compiled[]>();
  for (const one of compiled) {
    for (const { kind, value } of one.paths) {
      if (kind === 'prefix') prefixes.set(value, [...(prefixes.get(value) ?? []), one]);
    }
  }
  return prefixes;
}

const EVERY_PATH: readonly string[] = [''];

function tryPath({ paths, heads }: Tried, path: string): readonly string[] | undefined {
  if (paths.length === 0) return EVERY_PATH;
  for (const [index, candidate] of paths.entries()) {
    if (candidate.kind !== 'regex' || !path.startsWith(heads[index] ?? '')) continue;
    const matched = candidate.pattern.exec(path);
    if (matched !== null) return matched;
  }
  return undefined;
}

function matchOf(route: Route, path: string, matched: string, captures: Captures): Match {
  const prefix = route.stripPath ? matched : '';
  return {
    route,
    path,
    prefix,
    captures,
    upstreamPath: upstreamPath(route.service?.path ?? '/', path, prefix),
  };
}

const NO_CAPTURES: Captures = {};

/** By number from 1 and, those that have one, by name. */
function capturesOf(matched: readonly string[] & { groups?: Captures }): Captures {
  if (matched.length < 2) return NO_CAPTURES;
  return {
    ...Object.fromEntries(matched.slice(1).map((value, index) => [index + 1, value ?? ''])),
    ...matched.groups,
  };
}

/** The characters that an expression begins with and that mean themselves: `/api/users/` of `/api/users/\d+`. */
function literalHead(expression: string): string {
  if (expression.includes('|')) return '';
  const head = /^[\w/~%:@!&',;=-]*/.exec(expression)?.[0] ?? '';
  // What is counted may be there no time at all.
  return /^[*?{]/.test(expression.slice(head.length)) ? head.slice(0, -1) : head;
}

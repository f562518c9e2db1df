import type { Declaration, Route } from '../declaration/declaration.ts';
import type { Captures } from '../plugins/plugin.ts';

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

const NO_CAPTURES: Captures = {};

/** Finds the route of a normalised path, if there is one. */
export type Router = (path: string) => Match | undefined;

/**
 * Compiles the routes once. As in Kong, a path is a prefix of characters, not of segments, and the longest
 * one wins.
 */
export function createRouter({ routes }: Declaration): Router {
  const prefixes = routes
    .flatMap((route) => route.paths.map(({ value }) => ({ route, prefix: value })))
    .sort((a, b) => b.prefix.length - a.prefix.length);

  return (path) => {
    const found = prefixes.find(({ prefix }) => path.startsWith(prefix));
    if (found === undefined) return undefined;
    const { route, prefix } = found;
    return {
      route,
      path,
      captures: NO_CAPTURES,
      upstreamPath: upstreamPath(route.service?.path ?? '/', path, route.stripPath ? prefix : ''),
      prefix: route.stripPath ? prefix : '',
    };
  };
}

/** Kong's way of putting a path behind a service's own (path_handling v0: exactly one slash between them). */
function upstreamPath(base: string, path: string, prefix: string): string {
  const rest = path.slice(prefix.length).replace(LEADING_DOTS, '');
  if (path === '/') return base;
  if (rest === '' || rest === '/')
    return path.endsWith('/') || base === '/' ? withSlash(base) : withoutSlash(base);
  return withoutSlash(base) + (rest.startsWith('/') ? rest : `/${rest}`);
}

/** `/api/users../x` has no dot segment until the prefix `/api/users` is cut off. */
const LEADING_DOTS = /^\.{1,2}(?:;[^/]*)?(?:\/|$)/;

const withoutSlash = (path: string) => (path.endsWith('/') ? path.slice(0, -1) : path);
const withSlash = (path: string) => (path.endsWith('/') ? path : `${path}/`);

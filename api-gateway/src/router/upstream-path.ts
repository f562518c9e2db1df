/**
 * Appends a path to the service's path, as Kong does (path_handling v0, kong/router/utils.lua): one slash
 * between them, and one at the end if the client's path has one.
 * @param prefix the part to remove from the path; empty if none.
 */
export function buildUpstreamPath(base: string, path: string, prefix: string): string {
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

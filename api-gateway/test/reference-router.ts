import * as fc from 'fast-check';

/** The parts of a request that routes match. */
export interface RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A route in a file. */
export interface RouteInFile {
  readonly name: string;
  readonly paths?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly regex_priority?: number | undefined;
}

/**
 * Kong's documented rules, without optimisation:
 * https://developer.konghq.com/gateway/routing/traditional/ A route matches if all its
 * conditions are met. Of several, the one with more kinds of conditions wins; then plain hosts before wildcards; then more
 * headers; then expressions before prefixes, by regex_priority; then the longest prefix; then the first.
 */
export function referenceMatch(routes: readonly RouteInFile[], request: RouteRequest): string | undefined {
  let best: { readonly name: string; readonly score: readonly number[] } | undefined;
  for (const route of routes) {
    if (route.methods !== undefined && !route.methods.includes(request.method)) continue;
    if (route.hosts !== undefined && !route.hosts.some((host) => hostMatches(host, request.host))) continue;
    const headers = Object.entries(route.headers ?? {});
    if (!headers.every(([name, values]) => headerMatches(values, request.headers[name.toLowerCase()])))
      continue;
    for (const path of route.paths ?? [undefined]) {
      if (path !== undefined && !pathMatches(path, request.path)) continue;
      const regex = path?.startsWith('~') === true;
      const kinds = [route.methods, route.hosts, route.paths].filter((kind) => kind !== undefined).length;
      const score = [
        kinds + (headers.length > 0 ? 1 : 0),
        route.hosts !== undefined && !route.hosts.join('').includes('*') ? 1 : 0,
        headers.length,
        regex ? 1 : 0,
        regex ? (route.regex_priority ?? 0) : 0,
        regex ? 0 : (path ?? '').length,
      ];
      if (best === undefined || isBetter(score, best.score)) best = { name: route.name, score };
    }
  }
  return best?.name;
}

function isBetter(score: readonly number[], than: readonly number[]): boolean {
  for (const [index, value] of score.entries()) {
    const other = than[index] ?? 0;
    if (value !== other) return value > other;
  }
  return false;
}

function hostMatches(pattern: string, host: string): boolean {
  const [, wanted = pattern, port] = /^(.*):(\d+)$/.exec(pattern) ?? [];
  const [, name = host, own = '80'] = /^(.*):(\d+)$/.exec(host) ?? [];
  if (port !== undefined && port !== own) return false;
  if (wanted.startsWith('*.')) return name.endsWith(wanted.slice(1));
  return wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function headerMatches(values: readonly string[], value: string | undefined): boolean {
  if (value === undefined) return false;
  return values.some((wanted) =>
    wanted.startsWith('~*')
      ? new RegExp(wanted.slice(2), 'i').test(value)
      : wanted.toLowerCase() === value.toLowerCase(),
  );
}

const pathMatches = (pattern: string, path: string) =>
  pattern.startsWith('~') ? new RegExp(`^${pattern.slice(1)}`).test(path) : path.startsWith(pattern);

const PREFIXES = ['/', '/a', '/a/', '/a/b', '/ab', '/b', '/b/c/d', '/%C3%A9'];
const EXPRESSIONS = [
  '~/',
  '~/a',
  '~/a/\\d+',
  '~/a/\\d+$',
  '~/(?<one>\\w+)/b',
  '~/b*/c',
  '~/a?b',
  '~/[ab]/',
  '~/a{0,1}',
  '~/.+x',
];

const some = <T>(values: readonly T[], maxLength = 2) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength }), { nil: undefined });

const headers = fc.option(
  fc.dictionary(
    fc.constantFrom('x-a', 'X-B'),
    fc.uniqueArray(fc.constantFrom('one', 'Two', '~*^t', '~*e$'), { minLength: 1, maxLength: 2 }),
    { minKeys: 1, maxKeys: 2 },
  ),
  { nil: undefined },
);

/** Routes that overlap in all attributes. */
export const routes = fc
  .array(
    fc.record({
      paths: some([...PREFIXES, ...EXPRESSIONS], 3),
      methods: some(['GET', 'POST', 'DELETE']),
      hosts: some(['a.test', '*.test', 'a.*', 'b.a.test', 'a.test:8080', '*.test:80']),
      headers,
      regex_priority: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((list) => list.map((route, index): RouteInFile => ({ name: `r${index}`, ...route })));

/** Requests that match such routes, or nearly. */
export const asked = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT'),
  path: fc.oneof(
    fc.constantFrom(
      '/',
      '/a',
      '/a/',
      '/a/7',
      '/a/7/x',
      '/a/b',
      '/ab',
      '/abc',
      '/b/c/d',
      '/c',
      '/x',
      '/%C3%A9',
      '/z/b',
    ),
    fc
      .array(fc.constantFrom('a', 'b', 'c', '7', 'x'), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`),
  ),
  host: fc.constantFrom('a.test', 'b.a.test', 'a.other', 'other', 'a.test:8080', 'b.test:80'),
  headers: fc.dictionary(fc.constantFrom('x-a', 'x-b'), fc.constantFrom('one', 'two', 'Two', 'none'), {
    maxKeys: 2,
  }),
});

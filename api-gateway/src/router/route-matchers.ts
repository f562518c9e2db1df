import type { RouteEntity } from '../kong-config/model/entities.ts';

/** The parts of a request that a route matches, besides the path. Express' request is one. */
export interface RoutableRequest {
  readonly method: string;
  /** With the port, if the request has one. */
  readonly host: string;
  readonly protocol: string;
  /** By name in lower case, each header line by itself. */
  readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
}

type RouteMatcher = (request: RoutableRequest) => boolean;

/** Matches a request's method, host and headers; undefined if the route has no such conditions. */
export function createRouteMatcher({ methods, hosts, headers }: RouteEntity): RouteMatcher | undefined {
  const matchers: RouteMatcher[] = [
    ...(methods === undefined ? [] : [({ method }: RoutableRequest) => methods.has(method)]),
    ...(hosts.length === 0 ? [] : [createHostMatcher(hosts)]),
    ...[...headers].map(([name, values]) => createHeaderMatcher(name, values)),
  ];
  const [first, ...more] = matchers;
  if (first === undefined || more.length === 0) return first;
  return (request) => matchers.every((matches) => matches(request));
}

function createHostMatcher(hosts: readonly string[]): RouteMatcher {
  const wanted = hosts.map(splitHost);
  return ({ host, protocol }) => {
    const asked = splitHost(host.toLowerCase());
    const port = asked.port ?? (protocol === 'https' ? '443' : '80');
    return wanted.some(
      ({ name, port: only }) => (only === undefined || only === port) && hostMatches(name, asked.name),
    );
  };
}

/** `*.a.test` matches every name below a.test, `a.*` every name that begins with `a.`. */
function hostMatches(wanted: string, asked: string): boolean {
  if (wanted.startsWith('*')) return asked.endsWith(wanted.slice(1));
  return wanted.endsWith('*') ? asked.startsWith(wanted.slice(0, -1)) : asked === wanted;
}

function splitHost(host: string): { name: string; port: string | undefined } {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return { name, port };
}

/** Compares values in lower case, as Kong does. One header line with one of the values is enough. */
function createHeaderMatcher(name: string, values: readonly string[]): RouteMatcher {
  const exact = new Set(
    values.filter((value) => !value.startsWith('~*')).map((value) => value.toLowerCase()),
  );
  const patterns = values
    .filter((value) => value.startsWith('~*'))
    .map((value) => new RegExp(value.slice(2), 'i'));
  return ({ headersDistinct }) =>
    (headersDistinct[name] ?? []).some(
      (line) => exact.has(line.toLowerCase()) || patterns.some((pattern) => pattern.test(line)),
    );
}

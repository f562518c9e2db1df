import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { addressOf } from './address.ts';
import type { Declaration, Route, RouteProtocol, Service } from './declaration.ts';
import { kongFormat, type KongFormat, type KongRoute, type KongService } from './kong-format.ts';

/** What a file declares, or every mistake in it, each with its place: `services[0].url: must be …`. */
export type Reading =
  | { readonly declaration: Declaration; readonly mistakes?: never }
  | { readonly declaration?: never; readonly mistakes: readonly string[] };

/** Reads Kong's declarative format, in YAML or JSON. Never throws. */
export function readDeclaration(text: string): Reading {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0)
    return { mistakes: document.errors.map(({ message }) => message.split('\n', 1)[0] ?? message) };
  const parsed = kongFormat.safeParse(document.toJS(), { error: inPlainWords });
  if (!parsed.success) return { mistakes: parsed.error.issues.flatMap(lines) };
  const mistakes = contradictions(parsed.data);
  return mistakes.length > 0 ? { mistakes } : { declaration: declare(parsed.data) };
}

function inPlainWords(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is required' : undefined;
}

/** Unknown keys come as one issue that lists them: each gets a line of its own. */
function lines(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${placeOf(issue.path)}: ${issue.message}`];
  return issue.keys.map((key) => `${placeOf([...issue.path, key])}: is not supported by this gateway`);
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return place.replace(/^\./, '') || 'the file';
}

/** What each part of the file allows and the whole does not. */
function contradictions({ services, routes }: KongFormat): string[] {
  const known = new Set(services.map(({ name }) => name));
  const all = [...services.flatMap((service) => service.routes), ...routes];
  return [
    ...repeated(services.map(({ name }) => name)).map((name) => `services: two have the name ${name}`),
    ...repeated(all.map(({ name }) => name)).map((name) => `routes: two have the name ${name}`),
    ...repeated(all.flatMap(({ paths }) => paths)).map(
      (path) => `routes: two have the path ${path}, and one of them would never match`,
    ),
    ...routes.flatMap(({ service }, index) =>
      known.has(service) ? [] : [`routes[${index}].service: no service has the name ${service}`],
    ),
  ];
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function declare(format: KongFormat): Declaration {
  const services = new Map(format.services.map((service) => [service.name, serviceOf(service)]));
  const routes = [
    ...format.services.flatMap((service) =>
      service.routes.map((route) => ({ ...route, service: service.name })),
    ),
    ...format.routes,
  ].flatMap((route) => {
    const service = services.get(route.service);
    return service === undefined ? [] : [routeOf(route, service)];
  });
  return { services: [...services.values()], routes, upstreams: [], plugins: [], consumers: [] };
}

function serviceOf({
  name,
  url,
  protocol = 'http',
  host = '',
  port,
  path = '/',
  tags,
}: KongService): Service {
  return {
    name,
    ...(url === undefined
      ? { path, address: { protocol: `${protocol}:`, host, port } }
      : { path: new URL(url).pathname, address: addressOf(url) }),
    connectTimeoutMs: undefined,
    readTimeoutMs: undefined,
    writeTimeoutMs: undefined,
    retries: 1,
    enabled: true,
    tags: new Set(tags),
  };
}

const EITHER: ReadonlySet<RouteProtocol> = new Set(['http', 'https']);

function routeOf({ name, paths, strip_path, tags }: KongRoute, service: Service): Route {
  return {
    name,
    service,
    paths: paths.map((value) => ({ kind: 'prefix', value })),
    methods: undefined,
    hosts: [],
    headers: new Map(),
    protocols: EITHER,
    httpsRedirectStatusCode: 426,
    stripPath: strip_path,
    preserveHost: false,
    regexPriority: 0,
    tags: new Set(tags),
  };
}

import type { Reference } from './format/values.ts';
import { targetOf } from './format/target.ts';
import type { Outline } from './outline.ts';
import { consumerName, placeOf, pluginsIn, routesIn, serviceName, type Place } from './walk.ts';

/** What each part of a file allows and the whole does not. */
export function contradictions(file: Outline): string[] {
  return [...sameNames(file), ...sameMatchers(file), ...danglingReferences(file), ...samePlugins(file)];
}

function sameNames(file: Outline): string[] {
  const { services, upstreams, consumers } = file;
  const two = (what: string, kind: string, values: readonly (string | undefined)[]) =>
    repeated(values).map((value) => `${what}: two have the ${kind} ${value}`);
  return [
    ...two('services', 'name', services.map(serviceName)),
    ...two(
      'routes',
      'name',
      routesIn(file).map(({ name }) => name),
    ),
    ...two(
      'upstreams',
      'name',
      upstreams.map(({ name }) => name),
    ),
    ...two(
      'consumers',
      'username',
      consumers.map(({ username }) => username),
    ),
    ...two(
      'consumers',
      'custom_id',
      consumers.map(({ custom_id }) => custom_id),
    ),
    ...two('keyauth_credentials', 'key', keysOf(file, 'keyauth_credentials')).map(withoutKey),
    ...two('jwt_secrets', 'key', keysOf(file, 'jwt_secrets')),
    ...upstreams.flatMap(({ name, targets }, index) =>
      repeated(
        [
          ...targets.map(({ target }) => target),
          ...file.targets.filter(({ upstream }) => nameOf(upstream) === name).map(({ target }) => target),
        ].map((target) => (target === undefined ? undefined : (targetOf(target) ?? target))),
      ).map((target) => `upstreams[${index}].targets: two are ${target}`),
    ),
  ];
}

const keysOf = (file: Outline, kind: 'keyauth_credentials' | 'jwt_secrets') => [
  ...file.consumers.flatMap((consumer) => consumer[kind].map(({ key }) => key)),
  ...file[kind].map(({ key }) => key),
];

/** An API key is a secret: not even its owner's log gets to see it. */
const withoutKey = (mistake: string) => mistake.replace(/the key .*/su, 'the same key');

/** Two routes that ask for exactly the same: the one that comes later would never match. */
function sameMatchers(file: Outline): string[] {
  const matchers = routesIn(file).flatMap(({ route: { paths, methods, hosts, headers, protocols } }) => {
    const rest = JSON.stringify([methods?.toSorted(), hosts?.toSorted(), headers, protocols?.toSorted()]);
    return (paths ?? ['every path']).map((path) => `${path} ${rest}`);
  });
  return repeated(matchers).map(
    (matcher) =>
      `routes: two have the path ${matcher.slice(0, matcher.lastIndexOf(' '))}, and one of them would never match`,
  );
}

function samePlugins(file: Outline): string[] {
  const instances = repeated(pluginsIn(file).map(({ plugin }) => plugin.instance_name));
  const scopes = pluginsIn(file).flatMap(({ plugin: { name }, scope }) => {
    if (name === undefined) return [];
    const named = (['service', 'route', 'consumer'] as const).flatMap((kind) =>
      scope[kind] === undefined ? [] : [`the ${kind} ${nameOf(scope[kind]) ?? ''}`],
    );
    return [`${name} for ${named.length === 0 ? 'everything' : named.join(' and ')}`];
  });
  return [
    ...instances.map((name) => `plugins: two have the instance_name ${name}`),
    ...repeated(scopes).map((scope) => `plugins: there are two of ${scope}`),
  ];
}

function danglingReferences(file: Outline): string[] {
  const names: Readonly<Record<string, ReadonlySet<string | undefined>>> = {
    service: new Set(file.services.flatMap((service) => [serviceName(service), service.id])),
    route: new Set(routesIn(file).flatMap(({ name, route }) => [name, route.id])),
    consumer: new Set(file.consumers.flatMap((consumer) => [consumerName(consumer), consumer.id])),
    upstream: new Set(file.upstreams.flatMap(({ name, id }) => [name, id])),
  };
  const check = (place: Place, kind: string, to: Reference | undefined) =>
    to === undefined || names[kind]?.has(nameOf(to)) === true
      ? []
      : [
          `${placeOf([...place, kind])}: no ${kind} has the ${'id' in to ? 'id' : 'name'} ${nameOf(to) ?? ''}`,
        ];
  return [
    ...file.routes.flatMap(({ service }, index) => check(['routes', index], 'service', service)),
    ...file.targets.flatMap(({ upstream }, index) => check(['targets', index], 'upstream', upstream)),
    ...(['keyauth_credentials', 'jwt_secrets', 'acls'] as const).flatMap((kind) =>
      file[kind].flatMap(({ consumer }, index) => check([kind, index], 'consumer', consumer)),
    ),
    ...pluginsIn(file).flatMap(({ place, plugin }) => [
      ...check(place, 'service', plugin.service),
      ...check(place, 'route', plugin.route),
      ...check(place, 'consumer', plugin.consumer),
    ]),
  ];
}

function nameOf(to: Reference | undefined): string | undefined {
  if (to === undefined) return undefined;
  return 'id' in to ? to.id : to.name;
}

function repeated(values: readonly (string | undefined)[]): string[] {
  const twice = values.filter((value, index) => value !== undefined && values.indexOf(value) !== index);
  return [...new Set(twice)].flatMap((value) => value ?? []);
}

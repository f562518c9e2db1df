import { z } from 'zod';
import type { Reference } from './format/values.ts';
import { targetOf } from './format/target.ts';
import type { Outline } from './outline.ts';
import { keyOf, referencesIn, type Referable, type References } from './references.ts';
import { placeOf, pluginsIn, routesIn, serviceName, type Place } from './walk.ts';

/** What each part of a file allows and the whole does not. */
export function contradictions(file: Outline): string[] {
  const references = referencesIn(file);
  return [
    ...sameNames(file, references),
    ...sameMatchers(file),
    ...danglingReferences(file, references),
    ...samePlugins(file),
  ];
}

function sameNames(file: Outline, references: References): string[] {
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
          ...file.targets
            .filter(({ upstream }) => references.nameOf('upstream', upstream) === name)
            .map(({ target }) => target),
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
      scope[kind] === undefined ? [] : [`the ${kind} ${keyOf(scope[kind])}`],
    );
    return [`${name} for ${named.length === 0 ? 'everything' : named.join(' and ')}`];
  });
  return [
    ...instances.map((name) => `plugins: two have the instance_name ${name}`),
    ...repeated(scopes).map((scope) => `plugins: there are two of ${scope}`),
  ];
}

function danglingReferences(file: Outline, references: References): string[] {
  const check = (place: Place, kind: Referable, to: Reference | undefined) =>
    to === undefined || references.nameOf(kind, to) !== undefined
      ? []
      : [`${placeOf([...place, kind])}: no ${kind} has the ${'id' in to ? 'id' : 'name'} ${keyOf(to)}`];
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
      ...unknownAnonymous(place, plugin, references),
    ]),
  ];
}

/** Of what asks who somebody is: as whom everybody else is let in, by username or id. */
const anonymous = z.object({
  name: z.enum(['jwt', 'key-auth']),
  config: z.object({ anonymous: z.string() }),
});

function unknownAnonymous(place: Place, plugin: unknown, references: References): string[] {
  const { data } = anonymous.safeParse(plugin);
  if (data === undefined) return [];
  if (references.nameOf('consumer', { name: data.config.anonymous }) !== undefined) return [];
  const where = placeOf([...place, 'config', 'anonymous']);
  return [`${where}: no consumer has the username or the id ${data.config.anonymous}`];
}

function repeated(values: readonly (string | undefined)[]): string[] {
  const twice = values.filter((value, index) => value !== undefined && values.indexOf(value) !== index);
  return [...new Set(twice)].flatMap((value) => value ?? []);
}

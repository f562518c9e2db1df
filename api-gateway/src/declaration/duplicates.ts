import { targetOf } from './format/target.ts';
import type { Outline } from './outline.ts';
import { keyOf, type References } from './references.ts';
import { consumerName, placeOf, pluginsIn, routesIn, serviceName, type Place } from './walk.ts';

/** What two parts of a file say that one alone may say. */
export function duplicates(file: Outline, references: References): string[] {
  return [
    ...sameNames(file),
    ...sameIds(file),
    ...sameCredentials(file),
    ...sameTargets(file, references),
    ...sameMatchers(file),
    ...samePlugins(file),
  ];
}

interface Said {
  readonly place: Place;
  /** What must not be said twice; undefined where nothing is said. */
  readonly value: string | undefined;
  /** What is told of it. Default: the value. */
  readonly shown?: string;
}

type Words = (shown: string, first: string) => string;

const isToo: Words = (shown, first) => `is ${shown}, as ${first} is`;
const isCalledToo: Words = (shown, first) => `is called ${shown}, as ${first} is`;

/** Each that says what one before it has said. */
function repeated(said: readonly Said[], words: Words): string[] {
  const first = new Map<string, Place>();
  return said.flatMap(({ place, value, shown = value ?? '' }) => {
    if (value === undefined || value === '') return [];
    const before = first.get(value);
    if (before !== undefined) return [`${placeOf(place)}: ${words(shown, placeOf(before))}`];
    first.set(value, place);
    return [];
  });
}

const each = <Of>(
  kind: string,
  list: readonly Of[],
  valueOf: (one: Of) => string | undefined,
  field?: string,
) =>
  list.map((one, index) => ({
    place: field === undefined ? [kind, index] : [kind, index, field],
    value: valueOf(one),
  }));

function sameNames(file: Outline): string[] {
  const routes = routesIn(file).map(({ place, name }) => ({ place, value: name }));
  return [
    ...repeated(each('services', file.services, serviceName), isCalledToo),
    ...repeated(routes, isCalledToo),
    ...repeated(
      each('upstreams', file.upstreams, ({ name }) => name),
      isCalledToo,
    ),
    ...repeated(each('consumers', file.consumers, consumerName), isCalledToo),
    ...repeated(
      each('consumers', file.consumers, ({ custom_id }) => custom_id, 'custom_id'),
      isToo,
    ),
  ];
}

function sameIds(file: Outline): string[] {
  const routes = routesIn(file).map(({ place, route }) => ({ place: [...place, 'id'], value: route.id }));
  const plugins = pluginsIn(file).map(({ place, plugin }) => ({ place: [...place, 'id'], value: plugin.id }));
  const kinds = (['services', 'upstreams', 'consumers'] as const).map((kind) =>
    each<{ id?: string | undefined }>(kind, file[kind], ({ id }) => id, 'id'),
  );
  return [...kinds, routes, plugins].flatMap((said) => repeated(said, isToo));
}

/** An API key is a secret: not even its owner's log gets to see it. */
function sameCredentials(file: Outline): string[] {
  const keys = (kind: 'keyauth_credentials' | 'jwt_secrets'): Said[] => [
    ...file.consumers.flatMap((consumer, index) =>
      consumer[kind].map(({ key }, at) => ({ place: ['consumers', index, kind, at, 'key'], value: key })),
    ),
    ...each(kind, file[kind], ({ key }) => key, 'key'),
  ];
  return [
    ...repeated(keys('keyauth_credentials'), (_secret, first) => `is the same as ${first}`),
    ...repeated(keys('jwt_secrets'), isToo),
  ];
}

function sameTargets(file: Outline, references: References): string[] {
  const said = (place: Place, upstream: string | undefined, target: string | undefined): Said[] => {
    if (upstream === undefined || target === undefined) return [];
    const shown = targetOf(target) ?? target;
    return [{ place: [...place, 'target'], value: `${upstream} ${shown}`, shown }];
  };
  const inside = file.upstreams.flatMap(({ name, targets }, index) =>
    targets.flatMap(({ target }, at) => said(['upstreams', index, 'targets', at], name, target)),
  );
  const beside = file.targets.flatMap(({ target, upstream }, index) =>
    said(['targets', index], references.nameOf('upstream', upstream), target),
  );
  return repeated([...inside, ...beside], isToo);
}

/** Two routes that ask for exactly the same: the one that comes later would never match. */
function sameMatchers(file: Outline): string[] {
  const matchers = routesIn(file).flatMap(({ place, route }): Said[] => {
    const { paths, methods, hosts, headers, protocols } = route;
    const rest = JSON.stringify([methods?.toSorted(), hosts?.toSorted(), headers, protocols?.toSorted()]);
    if (paths === undefined) return [{ place, value: rest, shown: 'every path' }];
    return paths.map((path, at) => ({
      place: [...place, 'paths', at],
      value: `${path} ${rest}`,
      shown: path,
    }));
  });
  return repeated(
    matchers,
    (path, first) => `asks for ${path} with the same conditions as ${first}: it would never match`,
  );
}

function samePlugins(file: Outline): string[] {
  const plugins = pluginsIn(file);
  const names = plugins.map(({ place, plugin }) => ({
    place: [...place, 'instance_name'],
    value: plugin.instance_name,
  }));
  const scopes = plugins.map(({ place, plugin: { name }, scope }) => {
    const named = (['service', 'route', 'consumer'] as const).flatMap((kind) =>
      scope[kind] === undefined ? [] : [`the ${kind} ${keyOf(scope[kind])}`],
    );
    return { place, value: name && `${name} for ${named.length === 0 ? 'everything' : named.join(' and ')}` };
  });
  return [...repeated(names, isToo), ...repeated(scopes, isToo)];
}

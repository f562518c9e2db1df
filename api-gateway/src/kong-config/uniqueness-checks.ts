import { normaliseTarget } from './schema/target.ts';
import type { PartialDocument } from './partial-schema.ts';
import { referenceKey, type ReferenceIndex } from './references.ts';
import {
  consumerName,
  formatPath,
  allPlugins,
  allRoutes,
  serviceName,
  type ConfigPath,
} from './config-traversal.ts';

/** Finds values of a file that must be unique and are not. */
export function checkUniqueness(file: PartialDocument, references: ReferenceIndex): string[] {
  return [
    ...duplicateNames(file),
    ...duplicateIds(file),
    ...duplicateCredentials(file),
    ...duplicateTargets(file, references),
    ...duplicateMatchers(file),
    ...duplicatePlugins(file),
  ];
}

interface UniqueValue {
  readonly place: ConfigPath;
  /** The value that must be unique; undefined if the entity has none. */
  readonly value: string | undefined;
  /** The text for the message. Default: the value. */
  readonly shown?: string;
}

type MessageFormat = (shown: string, first: string) => string;

const sameValueMessage: MessageFormat = (shown, first) => `is ${shown}, as ${first} is`;
const sameNameMessage: MessageFormat = (shown, first) => `is called ${shown}, as ${first} is`;

/** A message for each entity that repeats an earlier one's value. */
function findDuplicates(values: readonly UniqueValue[], format: MessageFormat): string[] {
  const first = new Map<string, ConfigPath>();
  return values.flatMap(({ place, value, shown = value ?? '' }) => {
    if (value === undefined || value === '') return [];
    const before = first.get(value);
    if (before !== undefined) return [`${formatPath(place)}: ${format(shown, formatPath(before))}`];
    first.set(value, place);
    return [];
  });
}

const toUniqueValues = <Of>(
  kind: string,
  list: readonly Of[],
  valueOf: (one: Of) => string | undefined,
  field?: string,
) =>
  list.map((one, index) => ({
    place: field === undefined ? [kind, index] : [kind, index, field],
    value: valueOf(one),
  }));

function duplicateNames(file: PartialDocument): string[] {
  const routes = allRoutes(file).map(({ place, name }) => ({ place, value: name }));
  return [
    ...findDuplicates(toUniqueValues('services', file.services, serviceName), sameNameMessage),
    ...findDuplicates(routes, sameNameMessage),
    ...findDuplicates(
      toUniqueValues('upstreams', file.upstreams, ({ name }) => name),
      sameNameMessage,
    ),
    ...findDuplicates(toUniqueValues('consumers', file.consumers, consumerName), sameNameMessage),
    ...findDuplicates(
      toUniqueValues('consumers', file.consumers, ({ custom_id }) => custom_id, 'custom_id'),
      sameValueMessage,
    ),
  ];
}

function duplicateIds(file: PartialDocument): string[] {
  const routes = allRoutes(file).map(({ place, route }) => ({ place: [...place, 'id'], value: route.id }));
  const plugins = allPlugins(file).map(({ place, plugin }) => ({
    place: [...place, 'id'],
    value: plugin.id,
  }));
  const kinds = (['services', 'upstreams', 'consumers'] as const).map((kind) =>
    toUniqueValues<{ id?: string | undefined }>(kind, file[kind], ({ id }) => id, 'id'),
  );
  return [...kinds, routes, plugins].flatMap((values) => findDuplicates(values, sameValueMessage));
}

/** The message hides the API key, because it is a secret. */
function duplicateCredentials(file: PartialDocument): string[] {
  const keys = (kind: 'keyauth_credentials' | 'jwt_secrets'): UniqueValue[] => [
    ...file.consumers.flatMap((consumer, index) =>
      consumer[kind].map(({ key }, at) => ({ place: ['consumers', index, kind, at, 'key'], value: key })),
    ),
    ...toUniqueValues(kind, file[kind], ({ key }) => key, 'key'),
  ];
  return [
    ...findDuplicates(keys('keyauth_credentials'), (_secret, first) => `is the same as ${first}`),
    ...findDuplicates(keys('jwt_secrets'), sameValueMessage),
  ];
}

function duplicateTargets(file: PartialDocument, references: ReferenceIndex): string[] {
  const values = (
    place: ConfigPath,
    upstream: string | undefined,
    target: string | undefined,
  ): UniqueValue[] => {
    if (upstream === undefined || target === undefined) return [];
    const shown = normaliseTarget(target) ?? target;
    return [{ place: [...place, 'target'], value: `${upstream} ${shown}`, shown }];
  };
  const inside = file.upstreams.flatMap(({ name, targets }, index) =>
    targets.flatMap(({ target }, at) => values(['upstreams', index, 'targets', at], name, target)),
  );
  const beside = file.targets.flatMap(({ target, upstream }, index) =>
    values(['targets', index], references.resolveName('upstream', upstream), target),
  );
  return findDuplicates([...inside, ...beside], sameValueMessage);
}

/** Two routes with exactly the same conditions: the later one would never match. */
function duplicateMatchers(file: PartialDocument): string[] {
  const matchers = allRoutes(file).flatMap(({ place, route }): UniqueValue[] => {
    const { paths, methods, hosts, headers, protocols } = route;
    const rest = JSON.stringify([methods?.toSorted(), hosts?.toSorted(), headers, protocols?.toSorted()]);
    if (paths === undefined) return [{ place, value: rest, shown: 'every path' }];
    return paths.map((path, at) => ({
      place: [...place, 'paths', at],
      value: `${path} ${rest}`,
      shown: path,
    }));
  });
  return findDuplicates(
    matchers,
    (path, first) => `matches ${path} with the same conditions as ${first}: it would never be used`,
  );
}

function duplicatePlugins(file: PartialDocument): string[] {
  const plugins = allPlugins(file);
  const names = plugins.map(({ place, plugin }) => ({
    place: [...place, 'instance_name'],
    value: plugin.instance_name,
  }));
  const scopes = plugins.map(({ place, plugin: { name }, scope }) => {
    const named = (['service', 'route', 'consumer'] as const).flatMap((kind) =>
      scope[kind] === undefined ? [] : [`the ${kind} ${referenceKey(scope[kind])}`],
    );
    return { place, value: name && `${name} for ${named.length === 0 ? 'everything' : named.join(' and ')}` };
  });
  return [...findDuplicates(names, sameValueMessage), ...findDuplicates(scopes, sameValueMessage)];
}

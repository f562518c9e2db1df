import { z } from 'zod';
import { checkUniqueness } from './uniqueness-checks.ts';
import type { Reference } from './schema/common.ts';
import type { PartialDocument } from './partial-schema.ts';
import { referenceKey, createReferenceIndex, type ReferableKind, type ReferenceIndex } from './references.ts';
import { formatPath, allPlugins, type ConfigPath } from './config-traversal.ts';

/** Finds mistakes between the parts of a file: references that lead nowhere, for example. */
export function checkSemantics(file: PartialDocument): string[] {
  const references = createReferenceIndex(file);
  return [...checkUniqueness(file, references), ...checkReferences(file, references)];
}

function checkReferences(file: PartialDocument, references: ReferenceIndex): string[] {
  const check = (configPath: ConfigPath, kind: ReferableKind, to: Reference | undefined) =>
    to === undefined || references.resolveName(kind, to) !== undefined
      ? []
      : [
          `${formatPath([...configPath, kind])}: no ${kind} has the ${'id' in to ? 'id' : 'name'} ${referenceKey(to)}`,
        ];
  return [
    ...file.routes.flatMap(({ service }, index) => check(['routes', index], 'service', service)),
    ...file.targets.flatMap(({ upstream }, index) => check(['targets', index], 'upstream', upstream)),
    ...(['keyauth_credentials', 'jwt_secrets', 'acls'] as const).flatMap((kind) =>
      file[kind].flatMap(({ consumer }, index) => check([kind, index], 'consumer', consumer)),
    ),
    ...allPlugins(file).flatMap(({ place, plugin }) => [
      ...check(place, 'service', plugin.service),
      ...check(place, 'route', plugin.route),
      ...check(place, 'consumer', plugin.consumer),
      ...checkAnonymousConsumer(place, plugin, references),
    ]),
  ];
}

/** The consumer for requests without valid credentials, by username or id. */
const anonymousSchema = z.object({
  name: z.enum(['jwt', 'key-auth']),
  config: z.object({ anonymous: z.string() }),
});

function checkAnonymousConsumer(
  configPath: ConfigPath,
  plugin: unknown,
  references: ReferenceIndex,
): string[] {
  const { data } = anonymousSchema.safeParse(plugin);
  if (data === undefined) return [];
  if (references.resolveName('consumer', { name: data.config.anonymous }) !== undefined) return [];
  const where = formatPath([...configPath, 'config', 'anonymous']);
  return [`${where}: no consumer has the username or the id ${data.config.anonymous}`];
}

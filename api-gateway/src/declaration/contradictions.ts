import { z } from 'zod';
import { duplicates } from './duplicates.ts';
import type { Reference } from './format/values.ts';
import type { Outline } from './outline.ts';
import { keyOf, referencesIn, type Referable, type References } from './references.ts';
import { placeOf, pluginsIn, type Place } from './walk.ts';

/** What each part of a file allows and the whole does not. */
export function contradictions(file: Outline): string[] {
  const references = referencesIn(file);
  return [...duplicates(file, references), ...danglingReferences(file, references)];
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

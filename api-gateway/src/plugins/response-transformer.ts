import { z } from 'zod';
import type { AnswerHeaders, PluginKind } from './plugin.ts';
import { compileChanges, type Values } from './transforming/changes.ts';
import {
  asHeaderValue,
  headerNames,
  headerPairs,
  headerRenames,
  inSmallLetters,
} from './transforming/header-changes.ts';

const WHY = 'is not supported: bodies pass through this gateway unread';
const json = z
  .array(z.never({ error: WHY }))
  .max(0, WHY)
  .default([]);

const changesBy = (headers: typeof headerPairs) =>
  z.strictObject({ headers, json, json_types: json }).prefault({});

const schema = z.strictObject({
  remove: z.strictObject({ headers: headerNames, json }).prefault({}),
  rename: z.strictObject({ headers: headerRenames, json }).prefault({}).describe('OLD:NEW'),
  replace: changesBy(headerPairs),
  add: changesBy(headerPairs),
  append: changesBy(headerPairs),
});

/** Changes the headers of what the service answers. */
export const responseTransformer: PluginKind<z.output<typeof schema>> = {
  name: 'response-transformer',
  priority: 800,
  schema: schema.describe('Changes the headers of the service’s answer, in the same way.'),
  create: ({ remove, rename, replace, add, append }) => {
    const change = compileChanges(
      {
        remove: remove.headers,
        rename: rename.headers,
        replace: replace.headers,
        add: add.headers,
        append: append.headers,
      },
      inSmallLetters,
    );
    return { respond: (visit, { headers }) => change?.(valuesOf(headers), visit) };
  },
};

function valuesOf(headers: AnswerHeaders): Values {
  return {
    has: (name) => headers.get(name) !== undefined,
    get: (name) => headers.get(name),
    set: (name, value) => headers.set(name, typeof value === 'string' ? asHeaderValue(value) : value),
    append: (name, value) => headers.append(name, asHeaderValue(value)),
    remove: (name) => headers.remove(name),
  };
}

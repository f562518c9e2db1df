import { METHODS } from 'node:http';
import { z } from 'zod';
import { normalisePath } from '../routing/request-target.ts';
import type { PluginKind, UpstreamHeaders, Visit } from './plugin.ts';
import { queryOf } from './query.ts';
import {
  compileChanges,
  names,
  pairs,
  type Change,
  type Changes,
  type Values,
} from './transforming/changes.ts';
import {
  asHeaderValue,
  headerNames,
  headerPairs,
  headerRenames,
  inSmallLetters,
} from './transforming/header-changes.ts';
import { createTemplate, mistakeInTemplate } from './transforming/template.ts';

const body = z
  .array(z.never({ error: 'is not supported: bodies pass through this gateway unread' }))
  .max(0, 'is not supported: bodies pass through this gateway unread')
  .default([]);

const uri = z
  .string()
  .superRefine((text, context) => {
    const mistake = text.startsWith('/') ? mistakeInTemplate(text) : 'must begin with /';
    if (mistake !== undefined) context.addIssue(mistake);
  })
  .optional()
  .describe('The whole path that the service is asked for: /users/$(uri_captures[1])');

const changesBy = (header: typeof headerPairs, argument: typeof pairs) =>
  z.strictObject({ body, headers: header, querystring: argument }).prefault({});

const schema = z.strictObject({
  http_method: z
    .string()
    .toUpperCase()
    .refine((method) => METHODS.includes(method) && method !== 'CONNECT', 'must be a method of HTTP')
    .optional(),
  remove: changesBy(headerNames, names),
  rename: changesBy(headerRenames, pairs).describe('OLD:NEW'),
  replace: z.strictObject({ uri, body, headers: headerPairs, querystring: pairs }).prefault({}),
  add: changesBy(headerPairs, pairs),
  append: changesBy(headerPairs, pairs),
});

type Config = z.output<typeof schema>;

/** Changes what the service is asked. */
export const requestTransformer: PluginKind<Config> = {
  name: 'request-transformer',
  priority: 801,
  schema: schema.describe(
    'Changes what the service is asked, in this order: remove, rename, replace, add, append. Values are `NAME:VALUE`; a value may be a template with `$(uri_captures[1])`, `$(uri_captures["name"])`, `$(headers["name"])` or `$(query_params["name"])`.',
  ),
  create: (config) => {
    const headers = compileChanges(changesOf(config, 'headers'), inSmallLetters);
    const query = compileChanges(changesOf(config, 'querystring'), (name) => name);
    const path = config.replace.uri === undefined ? undefined : createTemplate(config.replace.uri);
    return {
      access: (visit) => {
        if (config.http_method !== undefined) visit.method = config.http_method;
        headers?.(headerValues(visit.headers), visit);
        if (query !== undefined) changeQuery(visit, query);
        if (path !== undefined) visit.upstreamPath = normalisePath(path(visit, encodeURIComponent));
      },
    };
  },
};

function changesOf(config: Config, kind: 'headers' | 'querystring'): Changes {
  const { remove, rename, replace, add, append } = config;
  return {
    remove: remove[kind],
    rename: rename[kind],
    replace: replace[kind],
    add: add[kind],
    append: append[kind],
  };
}

function headerValues(headers: UpstreamHeaders): Values {
  const clean = (value: string | readonly string[]) =>
    typeof value === 'string' ? asHeaderValue(value) : [...value];
  return {
    has: (name) => headers[name] !== undefined,
    get: (name) => headers[name],
    set: (name, value) => {
      headers[name] = clean(value);
    },
    append: (name, value) => {
      const before = headers[name];
      headers[name] = before === undefined ? asHeaderValue(value) : [before, asHeaderValue(value)].flat();
    },
    remove: (name) => {
      delete headers[name];
    },
  };
}

function changeQuery(visit: Visit, change: Change): void {
  const args = new URLSearchParams(visit.upstreamQuery);
  change(
    {
      has: (name) => args.has(name),
      get: (name) => (args.has(name) ? args.getAll(name) : undefined),
      set: (name, value) => {
        args.delete(name);
        for (const one of [value].flat()) args.append(name, one);
      },
      append: (name, value) => args.append(name, value),
      remove: (name) => args.delete(name),
    },
    visit,
  );
  visit.upstreamQuery = queryOf(args);
}

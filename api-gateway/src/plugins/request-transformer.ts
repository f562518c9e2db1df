import { METHODS } from 'node:http';
import { z } from 'zod';
import { normalisePath } from '../routing/request-target.ts';
import { maxBodyBytes } from './fields.ts';
import type { Answer, PluginKind, UpstreamHeaders, Visit } from './plugin.ts';
import { queryOf } from './query.ts';
import { argumentValues } from './transforming/argument-values.ts';
import {
  asTheyStand,
  changesOf,
  compileChanges,
  names,
  pairs,
  type Change,
  type Values,
} from './transforming/changes.ts';
import { asHeaders, headerNames, headerPairs, headerRenames } from './transforming/header-changes.ts';
import { createBodyChange } from './transforming/request-body.ts';
import { createTemplate, mistakeInTemplate } from './transforming/template.ts';

const uri = z
  .string()
  .superRefine((text, context) => {
    const mistake = text.startsWith('/') ? mistakeInTemplate(text) : 'must begin with /';
    if (mistake !== undefined) context.addIssue(mistake);
  })
  .optional()
  .describe('The whole path that the service is asked for: /users/$(uri_captures[1])');

const changesBy = (header: typeof headerPairs, other: typeof pairs) =>
  z.strictObject({ body: other, headers: header, querystring: other }).prefault({});

const schema = z.strictObject({
  http_method: z
    .string()
    .toUpperCase()
    .refine((method) => METHODS.includes(method) && method !== 'CONNECT', 'must be a method of HTTP')
    .optional(),
  remove: changesBy(headerNames, names),
  rename: changesBy(headerRenames, pairs).describe('OLD:NEW'),
  replace: z.strictObject({ uri, body: pairs, headers: headerPairs, querystring: pairs }).prefault({}),
  add: changesBy(headerPairs, pairs),
  append: changesBy(headerPairs, pairs),
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: longer bodies that are to be changed are a 413'),
});

type Config = z.output<typeof schema>;

/** Changes what the service is asked. */
export const requestTransformer: PluginKind<Config> = {
  name: 'request-transformer',
  priority: 801,
  schema: schema.describe(
    'Changes what the service is asked, in this order: remove, rename, replace, add, append. Values are `NAME:VALUE`; a value may be a template with `$(uri_captures[1])`, `$(uri_captures["name"])`, `$(headers["name"])` or `$(query_params["name"])`. Where bodies are to be changed, those of type `application/json` (objects) and `application/x-www-form-urlencoded` wait here until all of them has come; what says JSON and is none is a 400, what is compressed or not in UTF-8 a 415. All other bodies pass unread.',
  ),
  create: (config, { clientIdleMs }) => {
    const headers = compileChanges(changesOf(config, 'headers'), asHeaders);
    const query = compileChanges(changesOf(config, 'querystring'), asTheyStand);
    const body = createBodyChange(changesOf(config, 'body'), {
      mostBytes: config.max_body_bytes,
      idleMs: clientIdleMs,
    });
    const path = config.replace.uri === undefined ? undefined : createTemplate(config.replace.uri);
    return {
      ...(config.http_method === 'HEAD' ? { respond: forgetLength } : {}),
      access: (visit) => {
        if (config.http_method !== undefined) visit.method = config.http_method;
        headers?.(headerValues(visit.headers), visit);
        if (query !== undefined) changeQuery(visit, query);
        if (path !== undefined) visit.upstreamPath = normalisePath(path(visit, encodeURIComponent));
        return body?.(visit);
      },
    };
  },
};

/** Who did not ask for the head alone would wait for a body of that length. */
function forgetLength({ request }: Visit, { headers }: Answer): void {
  if (request.method !== 'HEAD') headers.remove('content-length');
}

function headerValues(headers: UpstreamHeaders): Values<string> {
  return {
    has: (name) => headers[name] !== undefined,
    rename: (from, to) => {
      const value = headers[from];
      if (value === undefined) return;
      delete headers[from];
      headers[to] = value;
    },
    set: (name, value) => {
      headers[name] = value;
    },
    append: (name, value) => {
      const before = headers[name];
      headers[name] = before === undefined ? value : [before, value].flat();
    },
    remove: (name) => {
      delete headers[name];
    },
  };
}

function changeQuery(visit: Visit, change: Change): void {
  const args = new URLSearchParams(visit.upstreamQuery);
  change(argumentValues(args), visit);
  visit.upstreamQuery = queryOf(args);
}

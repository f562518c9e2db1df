import { z } from 'zod';
import { maxBodyBytes } from '../api/schema-fields.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { ResponseHeaders } from '../api/response.ts';
import {
  selectOperations,
  compileTransform,
  nameList,
  nameValueList,
  type NamedValues,
} from '../transform/operations.ts';
import { headerNormalizer, headerNames, headerPairs, headerRenames } from '../transform/header-operations.ts';
import { convertValue } from '../transform/json-object.ts';
import { createResponseBodyTransform } from '../transform/response-body.ts';

const jsonTypes = z.array(z.enum(['string', 'number', 'boolean'])).default([]);

/** Checks the type of values without a template when the configuration is loaded. */
const setOperationSchema = z
  .strictObject({ headers: headerPairs, json: nameValueList, json_types: jsonTypes })
  .superRefine(({ json, json_types: types }, context) => {
    for (const [index, text] of json.entries()) {
      const value = text.slice(text.indexOf(':') + 1);
      const type = types[index] ?? 'string';
      if (!value.includes('$(') && convertValue(value, type) === undefined)
        context.addIssue({ code: 'custom', path: ['json', index], message: `"${value}" is no ${type}` });
    }
  })
  .prefault({});

const schema = z.strictObject({
  remove: z.strictObject({ headers: headerNames, json: nameList }).prefault({}),
  rename: z.strictObject({ headers: headerRenames, json: nameValueList }).prefault({}).describe('OLD:NEW'),
  replace: setOperationSchema,
  add: setOperationSchema,
  append: setOperationSchema,
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: a longer body that must be changed gets 502'),
});

type Config = z.output<typeof schema>;

/** Changes the upstream response. */
export const responseTransformer: PluginDefinition<Config> = {
  name: 'response-transformer',
  priority: 800,
  schema: schema.describe(
    'Changes the upstream response, by the same operations as request-transformer. If JSON must be changed (`json_types` are the types of the values, by position), the gateway asks for uncompressed, whole responses and buffers those of type `application/json`; JSON that is no object passes unchanged. All other responses are streamed unread.',
  ),
  create: (config) => {
    const headers = compileTransform(selectOperations(config, 'headers'), headerNormalizer);
    const body = createResponseBodyTransform(selectOperations(config, 'json'), {
      replace: config.replace.json_types,
      add: config.add.json_types,
      append: config.append.json_types,
      maxBytes: config.max_body_bytes,
    });
    return {
      ...(body === undefined ? {} : { access: body.prepare }),
      headerFilter: (requestContext, responseHead) => {
        headers?.(headerValues(responseHead.headers), requestContext);
        body?.onResponseHead(responseHead);
      },
    };
  },
};

function headerValues(headers: ResponseHeaders): NamedValues<string> {
  return {
    has: (name) => headers.has(name),
    rename: (from, to) => {
      const value = headers.get(from);
      if (value === undefined) return;
      headers.remove(from);
      headers.set(to, value);
    },
    set: (name, value) => headers.set(name, value),
    append: (name, value) => headers.append(name, value),
    remove: (name) => headers.remove(name),
  };
}

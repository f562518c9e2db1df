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

/** Values without a template are known already: one that is none of its type would never be set. */
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
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: longer bodies that are to be changed are a 502'),
});

type Config = z.output<typeof schema>;

/** Changes what the service answers. */
export const responseTransformer: PluginDefinition<Config> = {
  name: 'response-transformer',
  priority: 800,
  schema: schema.describe(
    'Changes the headers of the service’s answer, in the same way. Where JSON is to be changed (`json_types` say what its values are, by their place in the list), answers of type `application/json` wait here until all of them has come, and the service is asked for whole answers that are not compressed; what is no JSON object passes as it is. All other answers pass unread.',
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

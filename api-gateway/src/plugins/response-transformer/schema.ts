import { z } from 'zod';
import { maxBodyBytes } from '../api/schema-fields.ts';
import { nameList, nameValueList } from '../transform/operations.ts';
import { headerNames, headerPairs, headerRenames } from '../transform/header-operations.ts';
import { convertValue } from '../transform/json-object.ts';

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

export const schema = z.strictObject({
  remove: z.strictObject({ headers: headerNames, json: nameList }).prefault({}),
  rename: z.strictObject({ headers: headerRenames, json: nameValueList }).prefault({}).describe('OLD:NEW'),
  replace: setOperationSchema,
  add: setOperationSchema,
  append: setOperationSchema,
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: a longer body that must be changed gets 502'),
});

export type ResponseTransformerConfig = z.output<typeof schema>;

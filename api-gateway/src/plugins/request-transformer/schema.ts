import { METHODS } from 'node:http';
import { z } from 'zod';
import { maxBodyBytes } from '../api/schema-fields.ts';
import { nameList, nameValueList } from '../transform/operations.ts';
import { headerNames, headerPairs, headerRenames } from '../transform/header-operations.ts';
import { validateTemplate } from '../transform/template.ts';

const uri = z
  .string()
  .superRefine((text, context) => {
    const mistake = text.startsWith('/') ? validateTemplate(text) : 'must begin with /';
    if (mistake !== undefined) context.addIssue(mistake);
  })
  .optional()
  .describe('The whole path of the upstream request: /users/$(uri_captures[1])');

const operationSchema = (header: typeof headerPairs, other: typeof nameValueList) =>
  z.strictObject({ body: other, headers: header, querystring: other }).prefault({});

export const schema = z.strictObject({
  http_method: z
    .string()
    .toUpperCase()
    .refine((method) => METHODS.includes(method) && method !== 'CONNECT', 'must be a method of HTTP')
    .optional(),
  remove: operationSchema(headerNames, nameList),
  rename: operationSchema(headerRenames, nameValueList).describe('OLD:NEW'),
  replace: z
    .strictObject({ uri, body: nameValueList, headers: headerPairs, querystring: nameValueList })
    .prefault({}),
  add: operationSchema(headerPairs, nameValueList),
  append: operationSchema(headerPairs, nameValueList),
  max_body_bytes: maxBodyBytes.describe('Plaza’s own: a longer body that must be changed gets 413'),
});

export type RequestTransformerConfig = z.output<typeof schema>;

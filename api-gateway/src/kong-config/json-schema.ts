import { z } from 'zod';
import { documentSchema } from './schema/document.ts';
import type { PluginDefinitions } from './plugin-configs.ts';

type JsonSchema = Record<string, unknown>;

/** A vault reference may replace any text. */
const VAULT_REFERENCE = { type: 'string', pattern: '^\\{vault://env/' };
const NULL = { type: 'null' };

/** The JSON Schema that editors use for completion and checks: the format, with each plugin's fields in its config. */
export function createJsonSchema(kinds: PluginDefinitions): JsonSchema {
  const { $schema, ...document } = toJsonSchema(documentSchema);
  const configs = kinds.map(({ name, schema }) => [name, toConfigSchema(schema)] as const);
  return {
    $schema,
    title: 'The gateway’s configuration, in Kong’s declarative format',
    ...transformSchema(document, new Map(configs)),
    minProperties: 1,
    $defs: Object.fromEntries(configs),
  };
}

const toJsonSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', target: 'draft-07', unrepresentable: 'any' });

function toConfigSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...config } = toJsonSchema(schema);
  return transformSchema(config, new Map());
}

/** The schemas of the plugins' configs, by name. */
type PluginConfigSchemas = ReadonlyMap<string, JsonSchema>;

/** Allows vault references for texts, and null for missing values, as the loader does. */
function transformSchema(schema: JsonSchema, configs: PluginConfigSchemas): JsonSchema {
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    transformKeyword(key, value, schema, configs),
  ]);
  const read: JsonSchema = Object.fromEntries(entries);
  return isRestrictedString(schema) ? { anyOf: [read, VAULT_REFERENCE] } : read;
}

function transformKeyword(
  key: string,
  value: unknown,
  { required }: JsonSchema,
  configs: PluginConfigSchemas,
): unknown {
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const each = (item: unknown) => (isObject(item) ? transformSchema(item, configs) : item);
  switch (key) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(isObject(value) ? value : {}).map(([name, property]) => {
          const read = name === 'plugins' ? toPluginListSchema(property, configs) : each(property);
          return [name, needed.includes(name) ? read : nullable(read)];
        }),
      );
    case 'additionalProperties':
      return isObject(value) ? nullable(each(value)) : value;
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
      return Array.isArray(value) ? value.map(each) : value;
    case 'items':
      return Array.isArray(value) ? value.map(each) : each(value);
    default:
      return value;
  }
}

/** A list of plugin entries, whose name chooses the schema of the config. */
function toPluginListSchema(list: unknown, configs: PluginConfigSchemas): unknown {
  if (!isObject(list) || !isObject(list['items'])) return list;
  const { properties, ...entry } = transformSchema(list['items'], configs);
  const name = { anyOf: [{ enum: [...configs.keys()] }, { type: 'string' }] };
  return {
    ...list,
    items: {
      ...entry,
      properties: { ...(isObject(properties) ? properties : {}), name },
      allOf: [...configs].map(([plugin, config]) => ({
        if: { properties: { name: { const: plugin } }, required: ['name'] },
        // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword
        then: pluginConfigRule(plugin, config),
      })),
    },
  };
}

/** A missing config is an empty one. */
function pluginConfigRule(plugin: string, { required }: JsonSchema): JsonSchema {
  const config = { $ref: `#/$defs/${plugin}` };
  return Array.isArray(required) && required.length > 0
    ? { properties: { config }, required: ['config'] }
    : { properties: { config: nullable(config) } };
}

/** Kong's dumps have null for fields that are not set. */
function nullable(schema: unknown): unknown {
  if (!isObject(schema) || Object.keys(schema).length === 0) return schema;
  const { description, default: defaultValue, ...rest } = schema;
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  };
  if (Array.isArray(rest['anyOf'])) return { ...about, ...rest, anyOf: [...rest['anyOf'], NULL] };
  const { type } = rest;
  if (typeof type === 'string' && !('enum' in rest) && !('const' in rest))
    return { ...about, ...rest, type: [type, 'null'] };
  return { ...about, anyOf: [rest, NULL] };
}

/** A text with a restricted set of values. */
const isRestrictedString = ({ type, ...rest }: JsonSchema) =>
  type === 'string' && ['pattern', 'enum', 'const', 'format', 'minLength'].some((key) => key in rest);

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

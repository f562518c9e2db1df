import { z } from 'zod';
import { kongFormat } from './format/document.ts';
import type { Kinds } from './plugin-configs.ts';

type JsonSchema = Record<string, unknown>;

/** A value of the environment may stand wherever a text does. */
const REFERENCE = { type: 'string', pattern: '^\\{vault://env/' };
const NULL = { type: 'null' };

/** What editors complete and check a configuration by: the format, with each plugin's own fields in its config. */
export function jsonSchemaOf(kinds: Kinds): JsonSchema {
  const { $schema, ...document } = toJson(kongFormat);
  const configs = kinds.map(({ name, schema }) => [name, configOf(schema)] as const);
  return {
    $schema,
    title: 'The gateway’s configuration, in Kong’s declarative format',
    ...walked(document, new Map(configs)),
    minProperties: 1,
    $defs: Object.fromEntries(configs),
  };
}

const toJson = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', target: 'draft-07', unrepresentable: 'any' });

function configOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...config } = toJson(schema);
  return walked(config, new Map());
}

/** What plugins take, by their names. */
type Configs = ReadonlyMap<string, JsonSchema>;

/** The schema as files are read: with references for texts, and with null for what is left out. */
function walked(schema: JsonSchema, configs: Configs): JsonSchema {
  const entries = Object.entries(schema).map(([key, value]) => [key, keyword(key, value, schema, configs)]);
  const read: JsonSchema = Object.fromEntries(entries);
  return isNarrow(schema) ? { anyOf: [read, REFERENCE] } : read;
}

function keyword(key: string, value: unknown, { required }: JsonSchema, configs: Configs): unknown {
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  const each = (item: unknown) => (isObject(item) ? walked(item, configs) : item);
  switch (key) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(isObject(value) ? value : {}).map(([name, property]) => {
          const read = name === 'plugins' ? pluginList(property, configs) : each(property);
          return [name, needed.includes(name) ? read : orNull(read)];
        }),
      );
    case 'additionalProperties':
      return isObject(value) ? orNull(each(value)) : value;
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

/** A list of entries, the name of each of which decides what its config may be. */
function pluginList(list: unknown, configs: Configs): unknown {
  if (!isObject(list) || !isObject(list['items'])) return list;
  const { properties, ...entry } = walked(list['items'], configs);
  const name = { anyOf: [{ enum: [...configs.keys()] }, { type: 'string' }] };
  return {
    ...list,
    items: {
      ...entry,
      properties: { ...(isObject(properties) ? properties : {}), name },
      allOf: [...configs].map(([plugin, config]) => ({
        if: { properties: { name: { const: plugin } }, required: ['name'] },
        // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword
        then: configIn(plugin, config),
      })),
    },
  };
}

/** An entry without a config has an empty one. */
function configIn(plugin: string, { required }: JsonSchema): JsonSchema {
  const config = { $ref: `#/$defs/${plugin}` };
  return Array.isArray(required) && required.length > 0
    ? { properties: { config }, required: ['config'] }
    : { properties: { config: orNull(config) } };
}

/** Kong's dumps have null for what is not set. */
function orNull(schema: unknown): unknown {
  if (!isObject(schema) || Object.keys(schema).length === 0) return schema;
  const { description, default: standard, ...rest } = schema;
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
  };
  if (Array.isArray(rest['anyOf'])) return { ...about, ...rest, anyOf: [...rest['anyOf'], NULL] };
  const { type } = rest;
  if (typeof type === 'string' && !('enum' in rest) && !('const' in rest))
    return { ...about, ...rest, type: [type, 'null'] };
  return { ...about, anyOf: [rest, NULL] };
}

/** A text that may not be just any. */
const isNarrow = ({ type, ...rest }: JsonSchema) =>
  type === 'string' && ['pattern', 'enum', 'const', 'format', 'minLength'].some((key) => key in rest);

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import { z } from 'zod';
import { kongFormat } from './format/document.ts';
import type { Kinds } from './plugin-configs.ts';

type JsonSchema = Record<string, unknown>;

/** A value of the environment may stand wherever a text does. */
const REFERENCE = { type: 'string', pattern: '^\\{vault://env/' };

/** What editors complete and check a configuration by: the format, with each plugin's own fields in its config. */
export function jsonSchemaOf(kinds: Kinds): JsonSchema {
  const { $schema, ...document } = toJson(kongFormat);
  return {
    $schema,
    title: 'The gateway’s configuration, in Kong’s declarative format',
    ...withConfigs(document, kinds),
    $defs: Object.fromEntries(kinds.map(({ name, schema }) => [name, configOf(schema, kinds)])),
  };
}

const toJson = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', target: 'draft-07', unrepresentable: 'any' });

function configOf(schema: z.ZodType, kinds: Kinds): unknown {
  const { $schema: _, ...config } = toJson(schema);
  return deeper(config, kinds);
}

/** Wherever entries of plugins stand: the name decides what the config may be. */
function withConfigs(value: JsonSchema, kinds: Kinds): JsonSchema {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'plugins' && isList(inner)
        ? { ...inner, items: pluginEntry(inner.items, kinds) }
        : deeper(inner, kinds),
    ]),
  );
}

function deeper(value: unknown, kinds: Kinds): unknown {
  if (Array.isArray(value)) return value.map((item) => deeper(item, kinds));
  if (!isObject(value)) return value;
  const walked = withConfigs(value, kinds);
  return isNarrow(value) ? { anyOf: [walked, REFERENCE] } : walked;
}

function pluginEntry(entry: JsonSchema, kinds: Kinds): JsonSchema {
  const properties = isObject(entry['properties']) ? entry['properties'] : {};
  return {
    ...entry,
    properties: {
      ...properties,
      name: { anyOf: [{ enum: kinds.map(({ name }) => name) }, { type: 'string' }] },
    },
    allOf: kinds.map(({ name }) => ({
      if: { properties: { name: { const: name } } },
      // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword
      then: { properties: { config: { $ref: `#/$defs/${name}` } } },
    })),
  };
}

/** A text that may not be just any. */
const isNarrow = ({ type, ...rest }: JsonSchema) =>
  type === 'string' && ['pattern', 'enum', 'format', 'minLength'].some((key) => key in rest);

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is JsonSchema & { items: JsonSchema } =>
  isObject(value) && isObject(value['items']);

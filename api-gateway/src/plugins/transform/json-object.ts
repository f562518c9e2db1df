import { z } from 'zod';
import type { ValueNormalizer, SetOperation, NamedValues } from './operations.ts';

/** The JSON type that a text is converted to. */
export type Scalar = string | number | boolean;

export type JsonType = 'string' | 'number' | 'boolean';

/** The members of a JSON object, in order. */
export type JsonMembers = Map<string, unknown>;

const object = z.record(z.string(), z.unknown());

/** Undefined for JSON that is no object. @throws {SyntaxError} for invalid JSON. */
export function parseMembers(text: string): JsonMembers | undefined {
  const parsed: unknown = JSON.parse(text);
  return object.safeParse(parsed).success ? new Map(Object.entries(Object(parsed))) : undefined;
}

export function serializeMembers(members: JsonMembers): Buffer {
  return Buffer.from(JSON.stringify(Object.fromEntries(members)));
}

export function memberValues(members: JsonMembers): NamedValues<Scalar> {
  return {
    has: (name) => members.has(name),
    rename: (from, to) => {
      if (!members.has(from)) return;
      const value = members.get(from);
      members.delete(from);
      members.set(to, value);
    },
    set: (name, value) => members.set(name, value),
    append: (name, value) => {
      const before: unknown[] = members.has(name) ? [members.get(name)].flat() : [];
      members.set(name, [...before, value]);
    },
    remove: (name) => members.delete(name),
  };
}

/** Converts texts to the types of Kong's `json_types`, by position. A text without a type stays a string. */
export function createJsonNormalizer(
  types: Readonly<Record<SetOperation, readonly JsonType[]>>,
): ValueNormalizer<Scalar> {
  return {
    name: (name) => name,
    value: (text, step, index) => convertValue(text, types[step][index] ?? 'string'),
  };
}

/** Undefined if the text has no value of this type. */
export function convertValue(text: string, type: JsonType): Scalar | undefined {
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : undefined);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

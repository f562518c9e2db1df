import { z } from 'zod';
import type { ValueNormalizer, SetOperation, NamedValues } from './operations.ts';

/** What a text becomes in JSON. */
export type Scalar = string | number | boolean;

export type JsonType = 'string' | 'number' | 'boolean';

/** The members of a JSON object, in their order. */
export type JsonMembers = Map<string, unknown>;

const object = z.record(z.string(), z.unknown());

/** Undefined for JSON that is no object. @throws {SyntaxError} for what is no JSON. */
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

/** Texts become what Kong's `json_types` say, by their place in the list; without a type they stay texts. */
export function createJsonNormalizer(
  types: Readonly<Record<SetOperation, readonly JsonType[]>>,
): ValueNormalizer<Scalar> {
  return {
    name: (name) => name,
    value: (text, step, index) => convertValue(text, types[step][index] ?? 'string'),
  };
}

/** Undefined where a text is none of its type. */
export function convertValue(text: string, type: JsonType): Scalar | undefined {
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : undefined);
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

import { z } from 'zod';
import type { RequestContext } from '../api/request-context.ts';
import { compileTemplate, validateTemplate } from './template.ts';

/** The named values that a transform changes: headers, query arguments, or members of a JSON object. */
export interface NamedValues<V> {
  has(name: string): boolean;
  /** Does nothing without a value of that name. */
  rename(from: string, to: string): void;
  set(name: string, value: V): void;
  append(name: string, value: V): void;
  remove(name: string): void;
}

export type Transform<V = string> = (values: NamedValues<V>, requestContext: RequestContext) => void;

/** `NAME:VALUE`; the value may be a template. */
const nameValue = z.string().superRefine((text, context) => {
  const colon = text.indexOf(':');
  const mistake = colon < 1 ? `"${text}" must read NAME:VALUE` : validateTemplate(text.slice(colon + 1));
  if (mistake !== undefined) context.addIssue(mistake);
});

export const nameList = z.array(z.string().min(1)).default([]);
export const nameValueList = z.array(nameValue).default([]);

/** The operations on one kind of values. Kong's order: remove, rename, replace, add, append. */
export interface TransformOperations {
  readonly remove: readonly string[];
  /** `OLD:NEW` */
  readonly rename: readonly string[];
  /** Sets values that exist. */
  readonly replace: readonly string[];
  /** Sets values that do not exist. */
  readonly add: readonly string[];
  readonly append: readonly string[];
}

/** The operations on one kind of values, from a configuration for several kinds. */
export function selectOperations<Kind extends string>(
  {
    remove,
    rename,
    replace,
    add,
    append,
  }: Readonly<Record<keyof TransformOperations, Readonly<Record<Kind, readonly string[]>>>>,
  kind: Kind,
): TransformOperations {
  return {
    remove: remove[kind],
    rename: rename[kind],
    replace: replace[kind],
    add: add[kind],
    append: append[kind],
  };
}

/** The operations that set values. */
export type SetOperation = 'replace' | 'add' | 'append';

export interface ValueNormalizer<V> {
  /** Normalises a name for lookup: header names become lower case. */
  readonly name: (name: string) => string;
  /** Converts the text of the entry at `index`; undefined skips the entry. */
  readonly value: (text: string, step: SetOperation, index: number) => V | undefined;
}

/** Changes neither names nor values. */
export const identityNormalizer: ValueNormalizer<string> = { name: (name) => name, value: (text) => text };

/** Undefined if there is nothing to change. */
export function compileTransform<V>(
  operations: TransformOperations,
  normalizer: ValueNormalizer<V>,
): Transform<V> | undefined {
  const setters: Readonly<Record<SetOperation, Setter<V>>> = {
    replace: (values, name, value) => values.has(name) && values.set(name, value),
    add: (values, name, value) => values.has(name) || values.set(name, value),
    append: (values, name, value) => values.append(name, value),
  };
  const setting = (step: SetOperation) =>
    operations[step].map((text, index): Transform<V> => {
      const [name, template] = splitNameValue(text, normalizer);
      const textOf = compileTemplate(template);
      return (values, requestContext) => {
        const value = normalizer.value(textOf(requestContext), step, index);
        if (value !== undefined) setters[step](values, name, value);
      };
    });
  const steps = [
    ...operations.remove.map((name): Transform<V> => {
      const normalized = normalizer.name(name);
      return (values) => values.remove(normalized);
    }),
    ...operations.rename.map((text): Transform<V> => {
      const [from, to] = splitNameValue(text, normalizer);
      const target = normalizer.name(to);
      return (values) => values.rename(from, target);
    }),
    ...setting('replace'),
    ...setting('add'),
    ...setting('append'),
  ];
  if (steps.length === 0) return undefined;
  return (values, requestContext) => {
    for (const step of steps) step(values, requestContext);
  };
}

type Setter<V> = (values: NamedValues<V>, name: string, value: V) => unknown;

function splitNameValue(text: string, { name }: ValueNormalizer<unknown>): [name: string, value: string] {
  const colon = text.indexOf(':');
  return [name(text.slice(0, colon)), text.slice(colon + 1)];
}

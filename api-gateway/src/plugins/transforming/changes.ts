import { z } from 'zod';
import type { Visit } from '../plugin.ts';
import { createTemplate, mistakeInTemplate } from './template.ts';

/** Named values that are changed: headers, arguments of a query, members of a JSON object. */
export interface Values<V> {
  has(name: string): boolean;
  /** Only where there is one. */
  rename(from: string, to: string): void;
  set(name: string, value: V): void;
  append(name: string, value: V): void;
  remove(name: string): void;
}

export type Change<V = string> = (values: Values<V>, visit: Visit) => void;

/** `NAME:VALUE`; the value may be a template. */
const pair = z.string().superRefine((text, context) => {
  const colon = text.indexOf(':');
  const mistake = colon < 1 ? `"${text}" must read NAME:VALUE` : mistakeInTemplate(text.slice(colon + 1));
  if (mistake !== undefined) context.addIssue(mistake);
});

export const names = z.array(z.string().min(1)).default([]);
export const pairs = z.array(pair).default([]);

/** Of one kind of values. Kong's order: remove, rename, replace, add, append. */
export interface Changes {
  readonly remove: readonly string[];
  /** `OLD:NEW` */
  readonly rename: readonly string[];
  /** Where there is one already. */
  readonly replace: readonly string[];
  /** Where there is none yet. */
  readonly add: readonly string[];
  readonly append: readonly string[];
}

/** Those of one kind of values, of a configuration that has several. */
export function changesOf<Kind extends string>(
  {
    remove,
    rename,
    replace,
    add,
    append,
  }: Readonly<Record<keyof Changes, Readonly<Record<Kind, readonly string[]>>>>,
  kind: Kind,
): Changes {
  return {
    remove: remove[kind],
    rename: rename[kind],
    replace: replace[kind],
    add: add[kind],
    append: append[kind],
  };
}

/** What sets values. */
export type Step = 'replace' | 'add' | 'append';

export interface Spelling<V> {
  /** What a name is looked up by: headers go by small letters. */
  readonly name: (name: string) => string;
  /** What a text becomes that the entry at `index` of a step gives; undefined: nothing. */
  readonly value: (text: string, step: Step, index: number) => V | undefined;
}

/** Names and values as they stand. */
export const asTheyStand: Spelling<string> = { name: (name) => name, value: (text) => text };

/** Undefined where nothing is to be changed. */
export function compileChanges<V>(changes: Changes, spelling: Spelling<V>): Change<V> | undefined {
  const setters: Readonly<Record<Step, Setter<V>>> = {
    replace: (values, name, value) => values.has(name) && values.set(name, value),
    add: (values, name, value) => values.has(name) || values.set(name, value),
    append: (values, name, value) => values.append(name, value),
  };
  const setting = (step: Step) =>
    changes[step].map((text, index): Change<V> => {
      const [name, template] = parted(text, spelling);
      const textOf = createTemplate(template);
      return (values, visit) => {
        const value = spelling.value(textOf(visit), step, index);
        if (value !== undefined) setters[step](values, name, value);
      };
    });
  const steps = [
    ...changes.remove.map((name): Change<V> => {
      const spelled = spelling.name(name);
      return (values) => values.remove(spelled);
    }),
    ...changes.rename.map((text): Change<V> => {
      const [from, to] = parted(text, spelling);
      const target = spelling.name(to);
      return (values) => values.rename(from, target);
    }),
    ...setting('replace'),
    ...setting('add'),
    ...setting('append'),
  ];
  if (steps.length === 0) return undefined;
  return (values, visit) => {
    for (const step of steps) step(values, visit);
  };
}

type Setter<V> = (values: Values<V>, name: string, value: V) => unknown;

function parted(text: string, { name }: Spelling<unknown>): [name: string, value: string] {
  const colon = text.indexOf(':');
  return [name(text.slice(0, colon)), text.slice(colon + 1)];
}

import { z } from 'zod';
import type { Visit } from '../plugin.ts';
import { createTemplate, mistakeInTemplate, type Template } from './template.ts';

/** Named values that are changed: headers, or arguments of a query. */
export interface Values {
  has(name: string): boolean;
  get(name: string): string | readonly string[] | undefined;
  set(name: string, value: string | readonly string[]): void;
  append(name: string, value: string): void;
  remove(name: string): void;
}

export type Change = (values: Values, visit: Visit) => void;

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

/** @param spell what a name is looked up by: headers go by small letters. Undefined where nothing is to be changed. */
export function compileChanges(changes: Changes, spell: (name: string) => string): Change | undefined {
  const steps = [
    ...changes.remove.map((name): Change => {
      const spelled = spell(name);
      return (values) => values.remove(spelled);
    }),
    ...changes.rename.map((text) => renaming(text, spell)),
    ...changes.replace.map((text) =>
      setting(text, spell, (values, name, value) => {
        if (values.has(name)) values.set(name, value);
      }),
    ),
    ...changes.add.map((text) =>
      setting(text, spell, (values, name, value) => {
        if (!values.has(name)) values.set(name, value);
      }),
    ),
    ...changes.append.map((text) =>
      setting(text, spell, (values, name, value) => values.append(name, value)),
    ),
  ];
  if (steps.length === 0) return undefined;
  return (values, visit) => {
    for (const step of steps) step(values, visit);
  };
}

function renaming(text: string, spell: (name: string) => string): Change {
  const [from, to] = parted(text, spell);
  const target = spell(to);
  return (values) => {
    const value = values.get(from);
    if (value === undefined) return;
    values.remove(from);
    values.set(target, value);
  };
}

function setting(
  text: string,
  spell: (name: string) => string,
  set: (values: Values, name: string, value: string) => void,
): Change {
  const [name, value] = parted(text, spell);
  const template: Template = createTemplate(value);
  return (values, visit) => set(values, name, template(visit));
}

function parted(text: string, spell: (name: string) => string): [name: string, value: string] {
  const colon = text.indexOf(':');
  return [spell(text.slice(0, colon)), text.slice(colon + 1)];
}

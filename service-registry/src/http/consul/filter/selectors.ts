import { z } from 'zod';
import { FilterError, type Expression, type Match, type Operator } from './expression.ts';

/** What a selector leads to, and what may be asked of it. */
const OPERATORS: Readonly<Record<'text' | 'number' | 'flag' | 'list' | 'map', readonly Operator[]>> = {
  text: ['equal', 'in', 'matches'],
  number: ['equal'],
  flag: ['equal'],
  list: ['in', 'empty'],
  map: ['in', 'empty'],
};

const QUESTIONS: Readonly<Record<Operator, string>> = {
  equal: 'it equals something',
  in: 'it contains something',
  empty: 'it is empty',
  matches: 'it matches a pattern',
};

/**
 * Holds a filter against the schema of what it is to filter, so that a wrong one is told even where there is
 * nothing to filter. @throws {FilterError}
 */
export function checkSelectors(expression: Expression, schema: z.core.$ZodType): void {
  if (expression.kind === 'not') checkSelectors(expression.operand, schema);
  else if (expression.kind === 'match') checkMatch(expression, schema);
  else {
    checkSelectors(expression.left, schema);
    checkSelectors(expression.right, schema);
  }
}

function checkMatch({ selector, operator, value = '' }: Match, schema: z.core.$ZodType): void {
  const name = selector.join('.');
  const kind = kindOf(selected(selector, schema));
  if (kind === undefined) throw new FilterError(`has the selector ${name}, which is none here`);
  if (!OPERATORS[kind].includes(operator))
    throw new FilterError(`asks of ${name}, a ${kind}, whether ${QUESTIONS[operator]}`);
  if (operator !== 'equal') return;
  if (kind === 'number' && !/^-?\d+$/.test(value))
    throw new FilterError(`compares ${name}, a number, with ${value}`);
  if (kind === 'flag' && !/^(true|false)$/.test(value))
    throw new FilterError(`compares ${name}, which is true or false, with ${value}`);
}

/** A selector goes through lists as if each of their elements stood there. */
function selected(selector: readonly string[], schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const [first, ...rest] = selector;
  if (first === undefined) return schema;
  const holder = unwrapped(schema);
  if (holder instanceof z.ZodArray) return selected(selector, holder.element);
  const next = holder instanceof z.ZodObject ? holder.shape[first] : undefined;
  if (holder instanceof z.ZodRecord) return selected(rest, holder.valueType);
  return next === undefined ? undefined : selected(rest, next);
}

function kindOf(schema: z.core.$ZodType | undefined): keyof typeof OPERATORS | undefined {
  const type = schema === undefined ? undefined : unwrapped(schema);
  if (type instanceof z.ZodString || type instanceof z.ZodEnum) return 'text';
  if (type instanceof z.ZodNumber) return 'number';
  if (type instanceof z.ZodBoolean) return 'flag';
  if (type instanceof z.ZodArray) return 'list';
  return type instanceof z.ZodRecord ? 'map' : undefined;
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema;
}

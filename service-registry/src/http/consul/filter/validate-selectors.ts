import { z } from 'zod';
import { FilterError, type FilterExpression, type FilterMatch, type FilterOperator } from './expression.ts';

/** The type of a selector's value, and the operators that it supports. */
const OPERATORS: Readonly<Record<'text' | 'number' | 'flag' | 'list' | 'map', readonly FilterOperator[]>> = {
  text: ['equal', 'in', 'matches'],
  number: ['equal'],
  flag: ['equal'],
  list: ['in', 'empty'],
  map: ['in', 'empty'],
};

const OPERATOR_DESCRIPTIONS: Readonly<Record<FilterOperator, string>> = {
  equal: 'it equals something',
  in: 'it contains something',
  empty: 'it is empty',
  matches: 'it matches a pattern',
};

/**
 * Validates a filter against the schema of the list's elements, so that an invalid filter is an error also for an
 * empty list.
 * @throws {FilterError}
 */
export function validateSelectors(expression: FilterExpression, schema: z.core.$ZodType): void {
  if (expression.kind === 'not') validateSelectors(expression.operand, schema);
  else if (expression.kind === 'match') validateMatch(expression, schema);
  else {
    validateSelectors(expression.left, schema);
    validateSelectors(expression.right, schema);
  }
}

function validateMatch({ selector, operator, value = '' }: FilterMatch, schema: z.core.$ZodType): void {
  const name = selector.join('.');
  const kind = valueKind(resolveSelector(selector, schema));
  if (kind === undefined) throw new FilterError(`has the selector ${name}, which is none here`);
  if (!OPERATORS[kind].includes(operator))
    throw new FilterError(`asks of ${name}, a ${kind}, whether ${OPERATOR_DESCRIPTIONS[operator]}`);
  if (operator !== 'equal') return;
  if (kind === 'number' && !/^-?\d+$/.test(value))
    throw new FilterError(`compares ${name}, a number, with ${value}`);
  if (kind === 'flag' && !/^(true|false)$/.test(value))
    throw new FilterError(`compares ${name}, which is true or false, with ${value}`);
}

/** A selector passes through a list to the fields of its elements. */
function resolveSelector(selector: readonly string[], schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const [first, ...rest] = selector;
  if (first === undefined) return schema;
  const holder = unwrapOptional(schema);
  if (holder instanceof z.ZodArray) return resolveSelector(selector, holder.element);
  const next = holder instanceof z.ZodObject ? holder.shape[first] : undefined;
  if (holder instanceof z.ZodRecord) return resolveSelector(rest, holder.valueType);
  return next === undefined ? undefined : resolveSelector(rest, next);
}

function valueKind(schema: z.core.$ZodType | undefined): keyof typeof OPERATORS | undefined {
  const type = schema === undefined ? undefined : unwrapOptional(schema);
  if (type instanceof z.ZodString || type instanceof z.ZodEnum) return 'text';
  if (type instanceof z.ZodNumber) return 'number';
  if (type instanceof z.ZodBoolean) return 'flag';
  if (type instanceof z.ZodArray) return 'list';
  return type instanceof z.ZodRecord ? 'map' : undefined;
}

function unwrapOptional(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrapOptional(schema.unwrap()) : schema;
}

import { RE2JS } from 're2js';
import { FilterError, type Expression, type Match } from './expression.ts';

export type Predicate = (item: unknown) => boolean;

/** Makes a predicate of a filter whose selectors are known to be good. @throws {FilterError} for a bad pattern. */
export function predicateOf(expression: Expression): Predicate {
  if (expression.kind === 'match') return matchPredicate(expression);
  if (expression.kind === 'not') {
    const operand = predicateOf(expression.operand);
    return (item) => !operand(item);
  }
  const left = predicateOf(expression.left);
  const right = predicateOf(expression.right);
  return expression.kind === 'and'
    ? (item) => left(item) && right(item)
    : (item) => left(item) || right(item);
}

function matchPredicate(match: Match): Predicate {
  const { selector, negated } = match;
  const test = testOf(match);
  const follow = (value: unknown, depth: number): boolean => {
    const name = selector[depth];
    if (name === undefined) return test(value) !== negated;
    // As in Consul, what is asked of the elements of a list is asked of any of them, and so is its negation.
    if (Array.isArray(value)) return value.some((element) => follow(element, depth));
    const next = memberOf(value, name);
    return next === undefined ? negated : follow(next, depth + 1);
  };
  return (item) => follow(item, 0);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function testOf({ operator, value = '' }: Match): Predicate {
  switch (operator) {
    case 'equal':
      return (found) => (typeof found === 'number' ? found === Number(value) : String(found) === value);
    case 'empty':
      return (found) => namesIn(found).length === 0;
    case 'in':
      return (found) => (typeof found === 'string' ? found.includes(value) : namesIn(found).includes(value));
    case 'matches': {
      const pattern = compiled(value);
      return (found) => typeof found === 'string' && pattern.matcher(found).find();
    }
  }
}

/** A list's elements, or a map's keys. */
function namesIn(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found;
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

/** Consul's patterns are RE2's, which take linear time whatever a stranger sends. */
function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new FilterError(
      `has a pattern that is none: ${pattern}: ${Error.isError(error) ? error.message : String(error)}`,
    );
  }
}

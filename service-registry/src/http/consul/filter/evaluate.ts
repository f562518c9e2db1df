import { RE2JS } from 're2js';
import { FilterError, type FilterExpression, type FilterMatch } from './expression.ts';

export type FilterPredicate = (item: unknown) => boolean;

/**
 * Compiles a filter with valid selectors into a predicate.
 * @throws {FilterError} for an invalid pattern.
 */
export function compileFilter(expression: FilterExpression): FilterPredicate {
  if (expression.kind === 'match') return compileMatch(expression);
  if (expression.kind === 'not') {
    const operand = compileFilter(expression.operand);
    return (item) => !operand(item);
  }
  const left = compileFilter(expression.left);
  const right = compileFilter(expression.right);
  return expression.kind === 'and'
    ? (item) => left(item) && right(item)
    : (item) => left(item) || right(item);
}

function compileMatch(match: FilterMatch): FilterPredicate {
  const { selector, negated } = match;
  const test = compileTest(match);
  const follow = (value: unknown, depth: number): boolean => {
    const name = selector[depth];
    if (name === undefined) return test(value) !== negated;
    // As in Consul, a list matches if any of its elements does; the negation applies to the whole.
    if (Array.isArray(value)) return value.some((element) => follow(element, depth));
    const next = getMember(value, name);
    return next === undefined ? negated : follow(next, depth + 1);
  };
  return (item) => follow(item, 0);
}

function getMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function compileTest({ operator, value = '' }: FilterMatch): FilterPredicate {
  switch (operator) {
    case 'equal':
      return (found) => (typeof found === 'number' ? found === Number(value) : String(found) === value);
    case 'empty':
      return (found) => elementsOrKeys(found).length === 0;
    case 'in':
      return (found) =>
        typeof found === 'string' ? found.includes(value) : elementsOrKeys(found).includes(value);
    case 'matches': {
      const pattern = compilePattern(value);
      return (found) => typeof found === 'string' && pattern.matcher(found).find();
    }
  }
}

/** A list's elements, or a map's keys. */
function elementsOrKeys(found: unknown): readonly unknown[] {
  if (Array.isArray(found)) return found;
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

/** Consul's patterns are RE2's, which run in linear time for any input. */
function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new FilterError(
      `has a pattern that is none: ${pattern}: ${Error.isError(error) ? error.message : String(error)}`,
    );
  }
}

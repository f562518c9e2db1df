import { cursorOver, unexpected, type Cursor } from './cursor.ts';
import type { Expression, Match, Operator } from './expression.ts';

/**
 * Reads an expression: `or` binds least, then `and`, then `not`; a comparison is `SELECTOR == VALUE`,
 * `VALUE in SELECTOR`, `SELECTOR contains VALUE`, `SELECTOR is empty` or `SELECTOR matches VALUE`, each with a `not`.
 * @throws {FilterError}
 */
export function parseExpression(text: string): Expression {
  const cursor = cursorOver(text);
  const expression = either(cursor);
  if (cursor.next.kind !== 'end') throw unexpected(cursor.next, 'and, or, or the end');
  return expression;
}

function either(cursor: Cursor): Expression {
  let left = both(cursor);
  while (cursor.accept('or')) left = { kind: 'or', left, right: both(cursor) };
  return left;
}

function both(cursor: Cursor): Expression {
  let left = negation(cursor);
  while (cursor.accept('and')) left = { kind: 'and', left, right: negation(cursor) };
  return left;
}

function negation(cursor: Cursor): Expression {
  if (cursor.accept('not')) return { kind: 'not', operand: cursor.within(() => negation(cursor)) };
  if (!cursor.accept('(')) return comparison(cursor);
  const inner = cursor.within(() => either(cursor));
  cursor.expect(')');
  return inner;
}

function comparison(cursor: Cursor): Match {
  if (cursor.next.kind !== 'word') return membership(cursor, literal(cursor), cursor.accept('not'));
  const selector = path(cursor);
  const negated = cursor.accept('not');
  if (cursor.isAt('in')) return membership(cursor, selector.join('.'), negated);
  if (!negated && cursor.accept('is')) return emptiness(cursor, selector);
  const [operator, opposite] = operation(cursor, negated);
  return { kind: 'match', selector, operator, negated: opposite, value: value(cursor) };
}

function operation(cursor: Cursor, negated: boolean): [Operator, boolean] {
  if (cursor.accept('contains')) return ['in', negated];
  if (cursor.accept('matches')) return ['matches', negated];
  if (!negated && cursor.accept('==')) return ['equal', false];
  if (!negated && cursor.accept('!=')) return ['equal', true];
  throw unexpected(cursor.next, negated ? 'in, contains or matches' : 'an operator');
}

function membership(cursor: Cursor, value: string, negated: boolean): Match {
  cursor.expect('in');
  return { kind: 'match', selector: path(cursor), operator: 'in', negated, value };
}

function emptiness(cursor: Cursor, selector: readonly string[]): Match {
  const negated = cursor.accept('not');
  cursor.expect('empty');
  return { kind: 'match', selector, operator: 'empty', negated };
}

/** `Service.Meta.zone` or `Service.Meta["zone-of"]`. */
function path(cursor: Cursor): readonly string[] {
  const parts = [cursor.take('word', 'a selector')];
  for (;;) {
    if (cursor.accept('.')) parts.push(cursor.take('word', 'a name'));
    else if (cursor.accept('[')) {
      parts.push(cursor.take('string', 'a string'));
      cursor.expect(']');
    } else return parts;
  }
}

/** A value of one word needs no quotes. */
function value(cursor: Cursor): string {
  return cursor.next.kind === 'word' ? path(cursor).join('.') : literal(cursor);
}

function literal(cursor: Cursor): string {
  return cursor.take(cursor.next.kind === 'number' ? 'number' : 'string', 'a value');
}

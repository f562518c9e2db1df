import { createTokenStream, unexpectedToken, type TokenStream } from './token-stream.ts';
import type { FilterExpression, FilterMatch, FilterOperator } from './expression.ts';

/**
 * Parses an expression. Precedence from low to high: `or`, `and`, `not`. A comparison is `SELECTOR == VALUE`, `VALUE
 * in SELECTOR`, `SELECTOR contains VALUE`, `SELECTOR is empty` or `SELECTOR matches VALUE`, each with a `not`.
 * @throws {FilterError}
 */
export function parseExpression(text: string): FilterExpression {
  const tokens = createTokenStream(text);
  const expression = parseOr(tokens);
  if (tokens.next.kind !== 'end') throw unexpectedToken(tokens.next, 'and, or, or the end');
  return expression;
}

function parseOr(tokens: TokenStream): FilterExpression {
  let left = parseAnd(tokens);
  while (tokens.accept('or')) left = { kind: 'or', left, right: parseAnd(tokens) };
  return left;
}

function parseAnd(tokens: TokenStream): FilterExpression {
  let left = parseNot(tokens);
  while (tokens.accept('and')) left = { kind: 'and', left, right: parseNot(tokens) };
  return left;
}

function parseNot(tokens: TokenStream): FilterExpression {
  if (tokens.accept('not')) return { kind: 'not', operand: tokens.nested(() => parseNot(tokens)) };
  if (!tokens.accept('(')) return parseComparison(tokens);
  const inner = tokens.nested(() => parseOr(tokens));
  tokens.expect(')');
  return inner;
}

function parseComparison(tokens: TokenStream): FilterMatch {
  if (tokens.next.kind !== 'word') return parseMembership(tokens, parseLiteral(tokens), tokens.accept('not'));
  const selector = parseSelector(tokens);
  const negated = tokens.accept('not');
  if (tokens.isAt('in')) return parseMembership(tokens, selector.join('.'), negated);
  if (!negated && tokens.accept('is')) return parseEmptiness(tokens, selector);
  const [operator, opposite] = parseOperator(tokens, negated);
  return { kind: 'match', selector, operator, negated: opposite, value: parseValue(tokens) };
}

function parseOperator(tokens: TokenStream, negated: boolean): [FilterOperator, boolean] {
  if (tokens.accept('contains')) return ['in', negated];
  if (tokens.accept('matches')) return ['matches', negated];
  if (!negated && tokens.accept('==')) return ['equal', false];
  if (!negated && tokens.accept('!=')) return ['equal', true];
  throw unexpectedToken(tokens.next, negated ? 'in, contains or matches' : 'an operator');
}

function parseMembership(tokens: TokenStream, value: string, negated: boolean): FilterMatch {
  tokens.expect('in');
  return { kind: 'match', selector: parseSelector(tokens), operator: 'in', negated, value };
}

function parseEmptiness(tokens: TokenStream, selector: readonly string[]): FilterMatch {
  const negated = tokens.accept('not');
  tokens.expect('empty');
  return { kind: 'match', selector, operator: 'empty', negated };
}

/** `Service.Meta.zone` or `Service.Meta["zone-of"]`. */
function parseSelector(tokens: TokenStream): readonly string[] {
  const parts = [tokens.expectKind('word', 'a selector')];
  for (;;) {
    if (tokens.accept('.')) parts.push(tokens.expectKind('word', 'a name'));
    else if (tokens.accept('[')) {
      parts.push(tokens.expectKind('string', 'a string'));
      tokens.expect(']');
    } else return parts;
  }
}

/** A value of one word needs no quotes. */
function parseValue(tokens: TokenStream): string {
  return tokens.next.kind === 'word' ? parseSelector(tokens).join('.') : parseLiteral(tokens);
}

function parseLiteral(tokens: TokenStream): string {
  return tokens.expectKind(tokens.next.kind === 'number' ? 'number' : 'string', 'a value');
}

import { FilterError } from './expression.ts';
import { tokenize, type FilterToken } from './lexer.ts';

/** The tokens of an expression, with the current position. */
export interface TokenStream {
  readonly next: FilterToken;
  /** Whether the next token is this word or symbol. */
  isAt(text: string): boolean;
  /** Skips the next token if it is this one, and says whether it was. */
  accept(text: string): boolean;
  /** @throws {FilterError} if the next token is another one. */
  expect(text: string): void;
  /**
   * Returns the next token of a kind.
   * @throws {FilterError}
   */
  expectKind(kind: FilterToken['kind'], what: string): string;
  /**
   * Parses a nested expression.
   * @throws {FilterError} if it is nested too deeply.
   */
  nested<T>(read: () => T): T;
}

/** More than in any filter written by hand, and far below the limit of the stack. */
const MAX_DEPTH = 50;

/** @throws {FilterError} */
export function createTokenStream(text: string): TokenStream {
  const [first, ...rest] = tokenize(text);
  let depth = 0;
  const step = () => {
    stream.next = rest.shift() ?? stream.next;
  };
  const stream = {
    next: first,
    // A quoted string is never a keyword.
    isAt: (text: string) => stream.next.kind !== 'string' && stream.next.text === text,
    accept: (text: string) => {
      const found = stream.isAt(text);
      if (found) step();
      return found;
    },
    expect: (text: string) => {
      if (!stream.accept(text)) throw unexpectedToken(stream.next, text);
    },
    expectKind: (kind: FilterToken['kind'], what: string) => {
      const token = stream.next;
      if (token.kind !== kind) throw unexpectedToken(token, what);
      step();
      return token.text;
    },
    nested: <T>(read: () => T) => {
      depth += 1;
      if (depth > MAX_DEPTH) throw new FilterError(`is nested more than ${MAX_DEPTH} deep`);
      const result = read();
      depth -= 1;
      return result;
    },
  };
  return stream;
}

export function unexpectedToken({ text, at }: FilterToken, expected: string): FilterError {
  return new FilterError(`expected ${expected} instead of ${text} (character ${at})`);
}

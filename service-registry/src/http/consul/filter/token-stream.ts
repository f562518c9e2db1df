import { FilterError } from './expression.ts';
import { tokenize, type FilterToken } from './lexer.ts';

/** The words and symbols of an expression that is being read. */
export interface TokenStream {
  readonly next: FilterToken;
  /** Whether this word or symbol comes next. */
  isAt(text: string): boolean;
  /** Steps over it where it does, and says whether it did. */
  accept(text: string): boolean;
  /** @throws {FilterError} where something else comes. */
  expect(text: string): void;
  /** Steps over a token of a kind. @throws {FilterError} */
  expectKind(kind: FilterToken['kind'], what: string): string;
  /** Reads something nested. @throws {FilterError} where it is nested too deep. */
  nested<T>(read: () => T): T;
}

/** Deeper than anybody writes by hand, and far from where a stack ends. */
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
    // A string in quotes is never a word of the language.
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

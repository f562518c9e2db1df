import { FilterError } from './expression.ts';
import { tokensOf, type Token } from './lexer.ts';

/** A place in an expression that is being read. */
export interface Cursor {
  readonly next: Token;
  /** Whether this word or symbol comes next. */
  isAt(text: string): boolean;
  /** Steps over it where it does, and says whether it did. */
  accept(text: string): boolean;
  /** @throws {FilterError} where something else comes. */
  expect(text: string): void;
  /** Steps over a token of a kind. @throws {FilterError} */
  take(kind: Token['kind'], what: string): string;
  /** Reads something nested. @throws {FilterError} where it is nested too deep. */
  within<T>(read: () => T): T;
}

/** Deeper than anybody writes by hand, and far from where a stack ends. */
const DEEPEST = 50;

/** @throws {FilterError} */
export function cursorOver(text: string): Cursor {
  const [first, ...rest] = tokensOf(text);
  let depth = 0;
  const step = () => {
    cursor.next = rest.shift() ?? cursor.next;
  };
  const cursor = {
    next: first,
    // A string in quotes is never a word of the language.
    isAt: (text: string) => cursor.next.kind !== 'string' && cursor.next.text === text,
    accept: (text: string) => {
      const found = cursor.isAt(text);
      if (found) step();
      return found;
    },
    expect: (text: string) => {
      if (!cursor.accept(text)) throw unexpected(cursor.next, text);
    },
    take: (kind: Token['kind'], what: string) => {
      const token = cursor.next;
      if (token.kind !== kind) throw unexpected(token, what);
      step();
      return token.text;
    },
    within: <T>(read: () => T) => {
      depth += 1;
      if (depth > DEEPEST) throw new FilterError(`is nested more than ${DEEPEST} deep`);
      const result = read();
      depth -= 1;
      return result;
    },
  };
  return cursor;
}

export function unexpected({ text, at }: Token, expected: string): FilterError {
  return new FilterError(`expected ${expected} instead of ${text} (character ${at})`);
}

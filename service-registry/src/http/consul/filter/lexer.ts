import { FilterError } from './expression.ts';

export interface FilterToken {
  readonly kind: 'word' | 'number' | 'string' | 'symbol' | 'end';
  /** Its value: of a string, the text between the quotes. */
  readonly text: string;
  /** Its position, from 1. */
  readonly at: number;
}

const SPACE = /[ \t\r\n]*/y;
const PATTERNS = [
  ['symbol', /==|!=|[()[\].]/y],
  ['number', /-?\d+(\.\d+)?/y],
  ['word', /[A-Za-z][\w/]*/y],
  ['string', /"[^"]*"|`[^`]*`/y],
] as const;

/**
 * The last token, and no other, is of kind `end`.
 * @throws {FilterError}
 */
export function tokenize(text: string): [FilterToken, ...FilterToken[]] {
  const tokens: FilterToken[] = [];
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const [kind, found] = readToken(text, at);
    tokens.push({ kind, text: kind === 'string' ? unquote(found, at + 1) : found, at: at + 1 });
    at += found.length;
  }
  const end: FilterToken = { kind: 'end', text: 'the end', at: text.length + 1 };
  const [first = end, ...rest] = tokens;
  return [first, ...rest, end];
}

function skipSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.length ?? 0);
}

function readToken(text: string, at: number): [FilterToken['kind'], string] {
  for (const [kind, pattern] of PATTERNS) {
    const found = matchAt(pattern, text, at);
    if (found !== undefined) return [kind, found];
  }
  throw new FilterError(`there is no ${text.slice(at, at + 1)} in an expression (character ${at + 1})`);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** A text between backquotes is raw; one between double quotes may have escapes. */
function unquote(text: string, at: number): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    throw new FilterError(`${text} (character ${at}) is no string: put it between backquotes`);
  }
}

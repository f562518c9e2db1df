import { z } from 'zod';
import { normalisePath } from '../../routing/request-target.ts';
import { compilePattern } from './pattern.ts';

const checked = (mistakeIn: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const message = mistakeIn(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** Where a service's paths begin. */
export const servicePath = checked((value) =>
  value.startsWith('/') ? mistakeInPath(value) : 'must begin with /',
);

/** A prefix, or `~` and a regular expression. */
export const routePath = checked((value) => {
  if (value.startsWith('~')) return mistakeInPattern(value.slice(1));
  return value.startsWith('/')
    ? mistakeInPath(value)
    : 'must begin with / (a prefix) or with ~/ (a regular expression)';
});

function mistakeInPath(value: string): string | undefined {
  try {
    const normalised = normalisePath(value);
    return normalised === value ? undefined : `must be written ${normalised}`;
  } catch (error) {
    return `would never match: ${wordsOf(error)}`;
  }
}

function mistakeInPattern(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'must begin with / (a prefix) or with ~/ (a regular expression)';
  return compilePattern(anchored(pattern)).mistake;
}

/** A path's expression matches from the beginning, and need not match to the end. */
const anchored = (pattern: string) => `^(?:${pattern})`;

/** @throws {SyntaxError} */
export const pathPattern = (pattern: string) => new RegExp(anchored(pattern));

const wordsOf = (error: unknown) => (Error.isError(error) ? error.message : String(error));

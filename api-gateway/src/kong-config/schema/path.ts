import { z } from 'zod';
import { normalisePath } from '../../util/normalise-path.ts';
import { compileSafeRegex } from './safe-regex.ts';

const validatedString = (mistakeIn: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const message = mistakeIn(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** The path prefix of a service. */
export const servicePath = validatedString((value) =>
  value.startsWith('/') ? validatePath(value) : 'must begin with /',
);

/** A prefix, or `~` and a regular expression. */
export const routePath = validatedString((value) => {
  if (value.startsWith('~')) return validatePathRegex(value.slice(1));
  return value.startsWith('/')
    ? validatePath(value)
    : 'must begin with / (a prefix) or with ~/ (a regular expression)';
});

function validatePath(value: string): string | undefined {
  try {
    const normalised = normalisePath(value);
    return normalised === value ? undefined : `must be written ${normalised}`;
  } catch (error) {
    return `would never match: ${errorMessage(error)}`;
  }
}

function validatePathRegex(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'must begin with / (a prefix) or with ~/ (a regular expression)';
  return compileSafeRegex(anchored(pattern)).mistake;
}

/** A path's expression matches from the beginning, not necessarily to the end. */
const anchored = (pattern: string) => `^(?:${pattern})`;

/** @throws {SyntaxError} */
export const pathPattern = (pattern: string) => new RegExp(anchored(pattern));

const errorMessage = (error: unknown) => (Error.isError(error) ? error.message : String(error));

import type { z } from 'zod';
import { formatPath, type ConfigPath } from './config-traversal.ts';

/** The messages of zod's issues, each with its place. An issue that lists unknown keys becomes one message for each key. */
export function formatIssues(issues: readonly z.core.$ZodIssue[], within: ConfigPath = []): string[] {
  return issues.flatMap((issue) => {
    const path = [...within, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${formatPath([...path, key])}: is not known to this gateway`);
    if (issue.code === 'invalid_key')
      return issue.issues.map(({ message }) => `${formatPath(path)}: ${message}`);
    return [`${formatPath(path)}: ${issue.message}`];
  });
}

/** Replaces zod's own messages about missing values and wrong types. */
export function zodMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is required';
  if (issue.code === 'invalid_type') return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'too_small' && issue.origin !== 'string')
    return `must be ${String(issue.minimum)} at least`;
  if (issue.code === 'too_big' && issue.origin !== 'string')
    return `must be ${String(issue.maximum)} at most`;
  return undefined;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

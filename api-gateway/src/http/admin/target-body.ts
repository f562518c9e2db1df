import { z } from 'zod';
import { MOST_WEIGHT, STANDARD_WEIGHT, TARGET_WORDS, targetOf } from '../../declaration/format/target.ts';

const OUT_OF_RANGE = `value should be between 0 and ${MOST_WEIGHT}`;

const absentOr = (words: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'required field missing' : words),
});

/** A number; in a form it comes as text. */
const weight = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
  z.int(absentOr('expected an integer')).min(0, OUT_OF_RANGE).max(MOST_WEIGHT, OUT_OF_RANGE),
);

const target = z.string(absentOr('expected a string')).transform((text, context) => {
  const kept = targetOf(text);
  if (kept !== undefined) return kept;
  context.addIssue({ code: 'custom', message: TARGET_WORDS });
  return z.NEVER;
});

/** What may be said of a target that is there. */
export const targetChange = z.strictObject({ weight });

/** A new target. */
export const targetAddition = z.strictObject({ target, weight: weight.default(STANDARD_WEIGHT) });

/** What Kong takes as well, and what the file alone decides here. */
const OF_THE_FILE = new Set(['id', 'target', 'tags', 'upstream', 'created_at', 'updated_at']);

/** By field, what is wrong with it. */
export function fieldsOf({ issues }: z.ZodError): Record<string, string> {
  const entries = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [key, OF_THE_FILE.has(key) ? 'can be set in the file only' : 'unknown field'])
      : [[issue.path.join('.') || '@entity', issue.message]],
  );
  return Object.fromEntries(entries);
}

import { z } from 'zod';
import {
  MAX_WEIGHT,
  DEFAULT_WEIGHT,
  TARGET_FORMAT_MESSAGE,
  normaliseTarget,
} from '../../kong-config/schema/target.ts';

const OUT_OF_RANGE = `value should be between 0 and ${MAX_WEIGHT}`;

const requiredOr = (words: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'required field missing' : words),
});

/** A number; forms send it as text. */
const weight = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
  z.int(requiredOr('expected an integer')).min(0, OUT_OF_RANGE).max(MAX_WEIGHT, OUT_OF_RANGE),
);

const target = z.string(requiredOr('expected a string')).transform((text, context) => {
  const kept = normaliseTarget(text);
  if (kept !== undefined) return kept;
  context.addIssue({ code: 'custom', message: TARGET_FORMAT_MESSAGE });
  return z.NEVER;
});

/** The fields of an existing target that may change. */
export const targetUpdateSchema = z.strictObject({ weight });

/** A new target. */
export const targetCreateSchema = z.strictObject({ target, weight: weight.default(DEFAULT_WEIGHT) });

/** Fields that Kong accepts, and that only the file may set here. */
const FILE_ONLY_FIELDS = new Set(['id', 'target', 'tags', 'upstream', 'created_at', 'updated_at']);

/** The messages by field. */
export function toFieldErrors({ issues }: z.ZodError): Record<string, string> {
  const entries = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [
          key,
          FILE_ONLY_FIELDS.has(key) ? 'can be set in the file only' : 'unknown field',
        ])
      : [[issue.path.join('.') || '@entity', issue.message]],
  );
  return Object.fromEntries(entries);
}

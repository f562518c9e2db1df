import { z } from 'zod';
import { predicateOf, type Predicate } from './evaluate.ts';
import { FilterError } from './expression.ts';
import { parseExpression } from './parser.ts';
import { checkSelectors } from './selectors.ts';

const MOST_CHARACTERS = 2_048;

/** The query parameter `filter` of a list whose elements have this schema; everything passes where there is none. */
export function filterOver(schema: z.ZodType) {
  return z
    .string()
    .max(MOST_CHARACTERS)
    .transform((text, context): Predicate => {
      try {
        const expression = parseExpression(text);
        checkSelectors(expression, schema);
        return predicateOf(expression);
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    })
    .optional()
    .meta({
      description: 'An expression such as `Service.Meta.zone == "eu" and "blue" in Service.Tags`',
    });
}

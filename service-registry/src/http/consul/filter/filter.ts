import { z } from 'zod';
import { compileFilter, type FilterPredicate } from './evaluate.ts';
import { FilterError } from './expression.ts';
import { parseExpression } from './parser.ts';
import { validateSelectors } from './validate-selectors.ts';

const MAX_FILTER_LENGTH = 2_048;

/** The query parameter `filter` of a list with elements of this schema. Without it all elements match. */
export function filterSchema(schema: z.ZodType) {
  return z
    .string()
    .max(MAX_FILTER_LENGTH)
    .transform((text, context): FilterPredicate => {
      try {
        const expression = parseExpression(text);
        validateSelectors(expression, schema);
        return compileFilter(expression);
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

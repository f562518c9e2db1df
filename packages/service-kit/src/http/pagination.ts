import { Invalid } from '@plaza/errors';
import { z } from 'zod';

/** `?limit=` from 1 to 100, 20 where it is not given, and the `next` of the page before as `?cursor=`. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(1_000).optional(),
});

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z
      .string()
      .nullable()
      .meta({ description: 'Send it as ?cursor= for the next page; null on the last' }),
  });

/** Wraps a position so that clients take it for what it is: opaque. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws {Invalid} for a cursor that did not come from `encodeCursor` with this schema. */
export function decodeCursor<Position extends z.ZodType>(
  schema: Position,
  cursor: string,
): z.output<Position> {
  const parsed = schema.safeParse(parseBase64Json(cursor));
  if (!parsed.success) {
    throw new Invalid('The cursor is not one of ours.', {
      fields: [{ path: 'query.cursor', message: 'is not one of ours' }],
    });
  }
  return parsed.data;
}

function parseBase64Json(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

import { z } from 'zod';

/** Kong's rule for names. */
export const name = z.string().regex(/^[\w.~-]+$/, 'must be of letters, digits and . - _ ~');

/** Host names and addresses; IPv6 in brackets. */
export const HOST = /^[\w.-]+$|^\[[\da-f:.]+\]$/i;

export const host = z
  .string()
  .regex(HOST, 'must be a host')
  .transform((value) => value.toLowerCase());

export const port = z.int().min(1).max(65_535);

/** Kong's timeouts: 1 to 2³¹ − 2. */
export const milliseconds = z.int().min(1).max(2_147_483_646);

/** What every entity of Kong's may have. Times of creation are read and mean nothing here. */
export const commonFields = {
  id: z.uuid('must be a UUID').optional(),
  tags: z.array(z.string()).default([]),
  created_at: z.number().optional(),
  updated_at: z.number().optional(),
  _comment: z.string().optional(),
  _ignore: z.array(z.unknown()).optional(),
};

/** Another entity: by its name, as the course writes it, or as Kong does, by `{name}` or `{id}`. */
export const reference = z.union(
  [
    z.string().transform((value) => ({ name: value })),
    z.strictObject({ name: z.string() }),
    z.strictObject({ username: z.string() }).transform(({ username }) => ({ name: username })),
    z.strictObject({ id: z.string() }),
  ],
  'must be a name, or {name: …}',
);

export type Reference = z.output<typeof reference>;

/** A field of Kong's of which one value alone is supported: what happens anyway. */
export const fixedField = <Value extends string | number | boolean>(value: Value, sentence: string) =>
  z.literal(value, { error: sentence }).optional();

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

/** Fields of all entities. Times of creation are accepted and have no effect. */
export const commonFields = {
  id: z.uuid('must be a UUID').optional(),
  tags: z.array(z.string()).default([]),
  created_at: z.number().optional(),
  updated_at: z.number().optional(),
  _comment: z.string().optional(),
  _ignore: z.array(z.unknown()).optional(),
};

/** A reference to an entity: its name, or Kong's `{name}` or `{id}`. */
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

/** A field of Kong with one supported value, which is the gateway's behaviour. */
export const fixedField = <Value extends string | number | boolean>(value: Value, message: string) =>
  z.literal(value, { error: message }).optional();

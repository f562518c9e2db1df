import { z } from 'zod';

/**
 * A body as Go decodes it: field names in any case and with underscores between words, null for an absent field. An
 * unknown field is an error.
 */
export function caseInsensitiveBody<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const known = (name: string) => names.get(name.replaceAll('_', '').toLowerCase()) ?? name;
  return z.preprocess((body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
    const given = Object.entries(body).filter(([, value]) => value !== null);
    return Object.fromEntries(given.map(([name, value]) => [known(name), value]));
  }, z.strictObject(shape));
}

/** A field that clients send empty, and that is not supported with a value. */
export const unsupportedField = z
  .unknown()
  .refine(isEmpty, 'is a part of Consul’s API that this registry does not have')
  .optional();

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === '' || value === false || value === 0;
}

/** A text without control characters. */
export const singleLineText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must have no control characters');

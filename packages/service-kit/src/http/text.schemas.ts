import { z } from 'zod';

const REFUSAL = 'must not hold control characters';

/** A line that a person wrote: not empty, no control characters, no halves of characters. */
export function singleLineText(longest: number): z.ZodString {
  return z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, REFUSAL);
}

/** Lines that a person wrote, or none: no control characters but line breaks and tabs, no halves of characters. */
export function multiLineText(longest: number): z.ZodString {
  return z
    .string()
    .trim()
    .max(longest)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, REFUSAL);
}

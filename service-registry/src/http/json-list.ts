/** Joins JSON texts into a JSON list. */
export function toJsonArray(texts: readonly string[]): Buffer {
  return Buffer.from(`[${texts.join(',')}]`);
}

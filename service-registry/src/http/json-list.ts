/** A list of texts that are JSON already, ready to be sent. */
export function toJsonArray(texts: readonly string[]): Buffer {
  return Buffer.from(`[${texts.join(',')}]`);
}

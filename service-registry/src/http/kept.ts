/** The same function, which makes something of an object once, and keeps it for as long as that object lives. */
export function kept<Key extends WeakKey, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const values = new WeakMap<Key, Value>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    values.set(key, value);
    return value;
  };
}

/** A list of texts that are JSON already, ready to be sent. */
export function jsonList(texts: readonly string[]): Buffer {
  return Buffer.from(`[${texts.join(',')}]`);
}

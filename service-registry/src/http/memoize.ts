/** The same function, which makes something of an object once, and keeps it for as long as that object lives. */
export function memoizeByObject<Key extends WeakKey, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const values = new WeakMap<Key, Value>();
  return (key) => {
    const memoized = values.get(key);
    if (memoized !== undefined) return memoized;
    const value = make(key);
    values.set(key, value);
    return value;
  };
}

/** Memoizes a function by its object argument, for the lifetime of that object. */
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

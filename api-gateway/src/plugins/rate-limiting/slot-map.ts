/** Keeps things for a moment, under names that are used again. */
export interface SlotMap<T> {
  /** Returns the name under which it is kept. */
  insert(value: T): string;
  /** Gives it back, once. */
  remove(name: string): T;
}

/**
 * An array and its free places. A Map would keep garbage alive: V8 makes its table anew all the time, each old
 * table refers to the next, and once one of them has grown old, so does all that ever was in those after it.
 */
export function createSlotMap<T>(): SlotMap<T> {
  const slots: (T | undefined)[] = [];
  const names: string[] = [];
  const free: number[] = [];
  return {
    insert: (value) => {
      const index = free.pop() ?? slots.length;
      slots[index] = value;
      return (names[index] ??= String(index));
    },
    remove: (name) => {
      const index = Number(name);
      const value = slots[index];
      if (value === undefined) throw new Error(`Nothing is kept as ${name}.`);
      slots[index] = undefined;
      free.push(index);
      return value;
    },
  };
}

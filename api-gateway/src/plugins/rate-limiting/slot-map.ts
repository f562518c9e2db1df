/** Stores values for a short time, under names that are reused. */
export interface SlotMap<T> {
  /** Returns the value's name. */
  insert(value: T): string;
  /** Removes the value and returns it. @throws {Error} for an unknown name. */
  remove(name: string): T;
}

/**
 * A slot array with a free list. A `Map` rehashes under churn; tables in the old generation then retain newer ones
 * (nepotism), so that memory grows until a major GC.
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
      if (value === undefined) throw new Error(`no value has the name ${name}`);
      slots[index] = undefined;
      free.push(index);
      return value;
    },
  };
}

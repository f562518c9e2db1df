/** Keeps things for a moment, under names that are used again. */
export interface Slots<T> {
  /** Returns the name under which it is kept. */
  put(thing: T): string;
  /** Gives it back, once. */
  take(name: string): T;
}

/**
 * An array and its free places. A Map would keep garbage alive: V8 makes its table anew all the time, each old
 * table refers to the next, and once one of them has grown old, so does all that ever was in those after it.
 */
export function createSlots<T>(): Slots<T> {
  const places: (T | undefined)[] = [];
  const names: string[] = [];
  const free: number[] = [];
  return {
    put: (thing) => {
      const place = free.pop() ?? places.length;
      places[place] = thing;
      return (names[place] ??= String(place));
    },
    take: (name) => {
      const place = Number(name);
      const thing = places[place];
      if (thing === undefined) throw new Error(`Nothing is kept as ${name}.`);
      places[place] = undefined;
      free.push(place);
      return thing;
    },
  };
}

/** How many writes, and answers to writes, a process lives to see. */
export interface Life {
  left: number;
}

export class Crash extends Error {}

/**
 * A port of a process that may die at any write: before it is made, or after it, before anybody hears of it.
 * What is not named under `writes` is passed through.
 */
export function mortal<Port extends object>(port: Port, writes: readonly (keyof Port)[], life: Life): Port {
  const names = new Set<PropertyKey>(writes);
  return new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (!names.has(name) || typeof method !== 'function') return method;
      return async (...input: unknown[]) => {
        spend(life);
        const result: unknown = await Reflect.apply(method, target, input);
        spend(life);
        return result;
      };
    },
  });
}

/** The dead do nothing more. */
function spend(life: Life): void {
  if (life.left <= 0) throw new Crash();
  life.left -= 1;
}

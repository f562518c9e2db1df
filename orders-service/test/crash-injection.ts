/** How many writes, and answers to writes, a process lives to see. */
export interface WriteBudget {
  remaining: number;
}

export class InjectedCrash extends Error {}

/**
 * A port of a process that may die at any write: before the write, or after it and before its result is returned.
 * What is not named under `writes` is passed through.
 */
export function withCrashInjection<Port extends object>(
  port: Port,
  writes: readonly (keyof Port)[],
  life: WriteBudget,
): Port {
  const names = new Set<PropertyKey>(writes);
  return new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (!names.has(name) || typeof method !== 'function') return method;
      return async (...input: unknown[]) => {
        consumeWrite(life);
        const result: unknown = await Reflect.apply(method, target, input);
        consumeWrite(life);
        return result;
      };
    },
  });
}

/** The dead do nothing more. */
function consumeWrite(life: WriteBudget): void {
  if (life.remaining <= 0) throw new InjectedCrash();
  life.remaining -= 1;
}

import type { NamedValues } from './operations.ts';

/** The arguments of a query or a form. */
export function queryValues(args: URLSearchParams): NamedValues<string> {
  return {
    has: (name) => args.has(name),
    rename: (from, to) => {
      if (!args.has(from)) return;
      const values = args.getAll(from);
      args.delete(from);
      args.delete(to);
      for (const value of values) args.append(to, value);
    },
    set: (name, value) => args.set(name, value),
    append: (name, value) => args.append(name, value),
    remove: (name) => args.delete(name),
  };
}

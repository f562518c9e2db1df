/** An argument of a query that starts with `?`: null if it occurs more than once, undefined if it does not occur. */
export function queryParameter(query: string, name: string): string | null | undefined {
  if (query === '') return undefined;
  const values = new URLSearchParams(query).getAll(name);
  return values.length > 1 ? null : values[0];
}

/** The query without all arguments of this name. */
export function removeQueryParameter(query: string, name: string): string {
  if (query === '') return query;
  const left = new URLSearchParams(query);
  left.delete(name);
  return formatQuery(left);
}

/** Starts with `?`; empty if there are no arguments. */
export function formatQuery(args: URLSearchParams): string {
  return args.size === 0 ? '' : `?${args.toString()}`;
}

/** The argument of a query (with its `?`); null where it came more than once, undefined where it did not. */
export function queryParameter(query: string, name: string): string | null | undefined {
  if (query === '') return undefined;
  const values = new URLSearchParams(query).getAll(name);
  return values.length > 1 ? null : values[0];
}

/** A query without the arguments of this name. */
export function removeQueryParameter(query: string, name: string): string {
  if (query === '') return query;
  const left = new URLSearchParams(query);
  left.delete(name);
  return formatQuery(left);
}

/** With its `?`; empty where there are no arguments. */
export function formatQuery(args: URLSearchParams): string {
  return args.size === 0 ? '' : `?${args.toString()}`;
}

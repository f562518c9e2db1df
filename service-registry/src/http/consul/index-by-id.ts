/** Turns a list into an object by key; a key of several services becomes SERVICE/KEY. */
export function indexById<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  serviceOf: (item: Item) => string,
): Record<string, Item> {
  const entries = [...Map.groupBy(items, keyOf)].flatMap(([key, same]) =>
    same.map((item): [string, Item] => [same.length === 1 ? key : `${serviceOf(item)}/${key}`, item]),
  );
  return Object.fromEntries(entries);
}

import QuickLRU from 'quick-lru';

/** Few scope texts differ: tokens with the same text share one set. */
const scopesByText = new QuickLRU<string, ReadonlySet<string>>({ maxSize: 1_000 });

/** The `scope` claim (RFC 9068): names with spaces between. */
export function parseScopes(text: string): ReadonlySet<string> {
  const known = scopesByText.get(text);
  if (known !== undefined) return known;
  const scopes = new Set(text.split(' ').filter(Boolean));
  scopesByText.set(text, scopes);
  return scopes;
}

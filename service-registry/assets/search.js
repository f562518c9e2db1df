/**
 * The words of a search; all of them must match.
 * @param {string} query
 */
export function parseQuery(query) {
  return query.toLowerCase().split(/\s+/).filter(Boolean);
}

/**
 * @param {string} text in lower case
 * @param {readonly string[]} words
 */
export function matchesAll(text, words) {
  return words.every((word) => text.includes(word));
}

/** Whether a routing key matches an AMQP topic pattern: `*` stands for one word, `#` for any number of them. */
export function matchesTopic(pattern: string, key: string): boolean {
  return matchesWords(pattern.split('.'), key.split('.'));
}

function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#')
    return words.some((_, index) => matchesWords(rest, words.slice(index))) || matchesWords(rest, []);
  if (words.length === 0) return false;
  return (first === '*' || first === words[0]) && matchesWords(rest, words.slice(1));
}

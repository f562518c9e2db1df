/** What a text says in JSON; undefined where it says nothing. */
export function safeJsonParse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SECRET_NAME =
  /pass(word|phrase|wd)?$|token$|authorization|secret|cookie|api[-_]?key|private[-_]?key|credential/i;
const BEARER = /\b(Bearer|Basic)\s+[\w~+/.=-]{8,}/gi;
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const URL_PASSWORD = /(\w+:\/\/[^\s:@/]*):[^\s@/]+@/g;
const QUERY_SECRET = /([?&][\w-]*(?:token|password|secret|key|code)=)[^&\s#]+/gi;

const REDACTED = '[redacted]';
const DEEPEST = 6;

/**
 * A copy of a value fit for a log: whatever is kept under a secret's name goes, and so do bearer tokens,
 * JWTs and passwords in URLs wherever they stand in a text. Nothing below six levels is kept.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEEPEST) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (Error.isError(value)) return redact(plainError(value), depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) && inner !== undefined && inner !== null ? REDACTED : redact(inner, depth + 1),
    ]),
  );
}

/** An error as a plain object: its own fields, its name, its message, its stack. */
export function plainError(error: Error): object {
  const { name, message, stack } = error;
  return Object.assign({}, error, { name, message, stack });
}

/** What every secret's shape has: an answer to most texts, for a tenth of the cost. */
const SUSPICIOUS = /[=:]|eyJ|(?:Bearer|Basic)\s/i;

/** Texts that look like it and hold no secret, such as the addresses of instances: they come again and again. */
const harmless = new Set<string>();
const MOST_HARMLESS = 500;
const LONGEST_HARMLESS = 100;

/** A text without bearer tokens, JWTs, passwords in URLs and secrets in queries. */
export function redactText(text: string): string {
  if (text.length < 8 || harmless.has(text) || !SUSPICIOUS.test(text)) return text;
  const clean = text
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(JWT, REDACTED)
    .replace(URL_PASSWORD, `$1:${REDACTED}@`)
    .replace(QUERY_SECRET, `$1${REDACTED}`);
  if (clean === text && text.length <= LONGEST_HARMLESS) remember(text);
  return clean;
}

function remember(text: string): void {
  if (harmless.size >= MOST_HARMLESS) harmless.clear();
  harmless.add(text);
}

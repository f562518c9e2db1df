import { MalformedRequest } from '@plaza/service-kit';

/** Nearly every path: nothing escaped, no empty or dot segment. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:[/;]|$))[\w.~!$&'()*+,;=:@-]+)*\/?$/;

/** What two parsers could read differently, and the sentence for who sent it. In this order. */
const FORBIDDEN_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\\/, 'has a backslash'],
  [/\/\//, 'has an empty segment (//)'],
  [/%(?![\da-f]{2})/i, 'has a % that two hexadecimal digits do not follow'],
  [/%2f|%5c/i, 'has an encoded slash (%2f, %5c)'],
  [/%[01][\da-f]|%7f/i, 'has an encoded control character'],
  [/\/(?:\.|%2e){1,2}(?:\/|;|%3b|$)/i, 'has a dot segment (. or ..)'],
  [/[^\w.~!$&'()*+,;=:@%/-]/, 'has a character that must be encoded'],
];

/**
 * A path in its one spelling (RFC 3986, 6.2.2).
 * @throws {MalformedRequest}
 */
export function normalisePath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  for (const [pattern, reason] of FORBIDDEN_PATTERNS) {
    if (pattern.test(path)) throw new MalformedRequest(`The path ${reason}.`);
  }
  if (!isUtf8(path)) throw new MalformedRequest('The path is not UTF-8.');
  return path.replaceAll(/%[\da-f]{2}/gi, normaliseEscape);
}

function isUtf8(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}

/** An unreserved character stands for itself; of the rest, the digits are in capitals. */
function normaliseEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
}

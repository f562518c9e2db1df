import { MalformedRequest, UriTooLong } from '@plaza/service-kit';

/** Where a request wants to go, in the one form that everything behind this line sees. */
export interface RequestTarget {
  /** Normalised (RFC 3986, 6.2.2): one spelling a path, so that no two parts of the system read it differently. */
  readonly path: string;
  /** With its `?`, as it came; empty where there is none. */
  readonly query: string;
}

/** Characters. RFC 9110, 4.1 asks for 8,000 at least. */
const LONGEST = 8_192;

/** Nearly every path: nothing escaped, no empty or dot segment. */
const PLAIN = /^(?:\/(?!\.{1,2}(?:[/;]|$))[\w.~!$&'()*+,;=:@-]+)*\/?$/;

/** What two parsers could read differently, and the sentence for who sent it. In this order. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\\/, 'has a backslash'],
  [/\/\//, 'has an empty segment (//)'],
  [/%(?![\da-f]{2})/i, 'has a % that two hexadecimal digits do not follow'],
  [/%2f|%5c/i, 'has an encoded slash (%2f, %5c)'],
  [/%[01][\da-f]|%7f/i, 'has an encoded control character'],
  [/\/(?:\.|%2e){1,2}(?:\/|;|%3b|$)/i, 'has a dot segment (. or ..)'],
  [/[^\w.~!$&'()*+,;=:@%/-]/, 'has a character that must be encoded'],
];

/**
 * Splits and normalises what stands in the request line.
 * @throws {UriTooLong}, and {MalformedRequest} for everything that a client has no honest use for.
 */
export function parseTarget(url: string): RequestTarget {
  if (url.length > LONGEST) throw new UriTooLong(`The address is longer than ${LONGEST} characters.`);
  if (!url.startsWith('/'))
    throw new MalformedRequest('Ask for a path that begins with /: this is no forward proxy.');
  if (!/^[!-~]*$/.test(url) || url.includes('#'))
    throw new MalformedRequest('The address has characters that must be encoded.');
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return { path: normalisePath(path), query: mark === -1 ? '' : url.slice(mark) };
}

/** @throws {MalformedRequest} */
export function normalisePath(path: string): string {
  if (PLAIN.test(path)) return path;
  for (const [pattern, reason] of REFUSED) {
    if (pattern.test(path)) throw new MalformedRequest(`The path ${reason}.`);
  }
  if (!isUtf8(path)) throw new MalformedRequest('The path is not UTF-8.');
  return path.replaceAll(/%[\da-f]{2}/gi, spellOut);
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
function spellOut(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
}

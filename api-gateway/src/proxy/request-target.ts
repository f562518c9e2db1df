import { MalformedRequest, UriTooLong } from '@plaza/service-kit';
import { normalisePath } from '../util/normalise-path.ts';

/** The path and query of a request, in the one form that all later steps see. */
export interface RequestTarget {
  /**
   * Normalised (RFC 3986, 6.2.2): one spelling per path, so that no two parts of the system read it
   * differently.
   */
  readonly path: string;
  /** With its `?`, as it came; empty where there is none. */
  readonly query: string;
}

/** Characters. RFC 9110, 4.1 requires 8,000 at least. */
const MAX_TARGET_LENGTH = 8_192;

/**
 * Splits and normalises the target of the request line.
 * @throws {UriTooLong}, and {MalformedRequest} for forms that only attacks and defects use.
 */
export function parseRequestTarget(url: string): RequestTarget {
  if (url.length > MAX_TARGET_LENGTH)
    throw new UriTooLong(`The address is longer than ${MAX_TARGET_LENGTH} characters.`);
  if (!url.startsWith('/'))
    throw new MalformedRequest('Ask for a path that begins with /: this is no forward proxy.');
  if (!/^[!-~]*$/.test(url) || url.includes('#'))
    throw new MalformedRequest('The address has characters that must be encoded.');
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return { path: normalisePath(path), query: mark === -1 ? '' : url.slice(mark) };
}

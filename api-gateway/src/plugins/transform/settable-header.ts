import { HOP_BY_HOP } from '../../transport/headers.ts';
import { HEADER_NAME } from '../api/schema-fields.ts';

/** Headers that define the end of the message or its recipient. */
const FRAMING_HEADERS = new Set(['host', 'content-length', 'trailer']);

/** True for the name of a header that a configuration may set. */
export function isSettableHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return HEADER_NAME.test(name) && !FRAMING_HEADERS.has(lower) && !HOP_BY_HOP.has(lower);
}

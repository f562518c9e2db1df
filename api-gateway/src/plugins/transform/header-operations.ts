import { isSettableHeader } from './settable-header.ts';
import { nameList, nameValueList, type ValueNormalizer } from './operations.ts';

const isHeader = (text: string) => isSettableHeader(text.split(':', 1)[0] ?? '');

const HEADER_NAME_MESSAGE =
  'must begin with the name of a header that is not about the connection, the length or the host';

export const headerNames = nameList.refine((list) => list.every(isHeader), HEADER_NAME_MESSAGE);
export const headerPairs = nameValueList.refine((list) => list.every(isHeader), HEADER_NAME_MESSAGE);
export const headerRenames = nameValueList.refine(
  (list) => list.every((text) => isHeader(text) && isHeader(text.slice(text.indexOf(':') + 1))),
  HEADER_NAME_MESSAGE,
);

/** Characters allowed in a header. A template may insert any text that a client wrote into a query. */
const toHeaderValue = (value: string) => value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();

/** Names in lower case, values without characters that could end a header. */
export const headerNormalizer: ValueNormalizer<string> = {
  name: (name) => name.trim().toLowerCase(),
  value: toHeaderValue,
};

import { isSettable } from '../fields.ts';
import { names, pairs, type Spelling } from './changes.ts';

const isHeader = (text: string) => isSettable(text.split(':', 1)[0] ?? '');

const WHY = 'must begin with the name of a header that is not about the connection, the length or the host';

export const headerNames = names.refine((list) => list.every(isHeader), WHY);
export const headerPairs = pairs.refine((list) => list.every(isHeader), WHY);
export const headerRenames = pairs.refine(
  (list) => list.every((text) => isHeader(text) && isHeader(text.slice(text.indexOf(':') + 1))),
  WHY,
);

/** What may stand in a header: a template can bring anything that a client writes into a query. */
const asHeaderValue = (value: string) => value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();

/** Names in small letters, values without what could end a header. */
export const asHeaders: Spelling<string> = {
  name: (name) => name.trim().toLowerCase(),
  value: asHeaderValue,
};

import { Invalid } from '@plaza/errors';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;
const LAST_CODE_POINT = 0x10ffff;
const noop = () => undefined;

/** Knows XML's own five entities and numbers: what a document defines by itself stays unread. */
const entityDecoder = {
  decode: (text: string) =>
    text.replace(REFERENCE, (found, name?: string, decimal?: string, hex?: string) =>
      name === undefined
        ? (decodeCodePoint(decimal, hex) ?? found)
        : (NAMED_ENTITIES[name.toLowerCase()] ?? found),
    ),
  setExternalEntities: noop,
  addInputEntities: noop,
  setXmlVersion: noop,
  reset: noop,
};

function decodeCodePoint(decimal: string | undefined, hex: string | undefined): string | undefined {
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code <= LAST_CODE_POINT ? String.fromCodePoint(code) : undefined;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '$',
  parseTagValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 20,
  entityDecoder,
});

/**
 * An XML document as the JSON that Eureka has for the same: attributes as `@name`, the text beside them as `$`, and
 * all of it as strings. @throws {Invalid}
 */
export function parseXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) throw new Invalid('The body has a DOCTYPE, which is not read here.');
  const valid = XMLValidator.validate(text);
  if (valid !== true)
    throw new Invalid(`The body is not valid XML: ${valid.err.msg} (line ${valid.err.line})`);
  try {
    return parser.parse(text);
  } catch (error) {
    throw new Invalid(
      `The body is no XML that is read here: ${Error.isError(error) ? error.message : String(error)}`,
    );
  }
}

/** The reverse, indented as Eureka does. Lists become elements that repeat, undefined and empty lists nothing. */
export function serializeXml(name: string, value: unknown, indent = ''): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => serializeXml(name, item, indent)).join('');
  if (typeof value !== 'object' || value === null) return `${indent}<${name}>${escapeXml(value)}</${name}>\n`;
  const entries = Object.entries(value).filter(([key]) => NAME.test(key));
  const attributes = entries.filter(([key]) => key.startsWith('@'));
  const start = [name, ...attributes.map(([key, held]) => `${key.slice(1)}="${escapeXml(held)}"`)].join(' ');
  const text = entries.find(([key]) => key === '$');
  if (text !== undefined) return `${indent}<${start}>${escapeXml(text[1])}</${name}>\n`;
  const inner = entries
    .filter(([key]) => !key.startsWith('@'))
    .map(([key, held]) => serializeXml(key, held, `${indent}  `))
    .join('');
  return inner === '' ? `${indent}<${start}/>\n` : `${indent}<${start}>\n${inner}${indent}</${name}>\n`;
}

/** What may be the name of an element or, with an @, of an attribute. XML has no way to say what is no name. */
const NAME = /^(\$|@?[\p{L}_][\p{L}\p{N}_.-]*)$/u;

const UNSAFE_CHARACTERS = /[&<>"']|[^\P{Cc}\t\n\r]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Control characters have no place in XML, not even escaped. */
function escapeXml(value: unknown): string {
  return String(value).replace(UNSAFE_CHARACTERS, (character) => ENTITIES[character] ?? '');
}

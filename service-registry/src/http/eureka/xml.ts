import { Invalid } from '@plaza/errors';
import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi;
const LAST_CODE_POINT = 0x10ffff;
const noop = () => undefined;

/** Decodes XML's five entities and character references. Entities that a document defines stay as they are. */
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
 * Parses XML into Eureka's JSON for the same data: attributes as `@name`, the text beside them as `$`, and all values
 * as strings.
 * @throws {Invalid}
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

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '$',
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  tagValueProcessor: (_name, value) => removeControlCharacters(value),
  attributeValueProcessor: (_name, value) => removeControlCharacters(value),
});

/**
 * The reverse of `parseXml`, indented as Eureka does: an array becomes repeated elements; undefined and an empty array
 * become nothing.
 */
export function buildXml(document: object): string {
  return builder.build(document);
}

/**
 * The entries whose key is a valid name of an element or, with an `@`, of an attribute. XML cannot express the
 * others.
 */
export function pickXmlNames(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => XML_NAME.test(key)));
}

const XML_NAME = /^@?[\p{L}_][\p{L}\p{N}_.-]*$/u;

/** XML 1.0 section 2.2: no control characters except these three, not even as references. */
const CONTROL_CHARACTERS = /[^\P{Cc}\t\n\r]/gu;

function removeControlCharacters(value: unknown): string {
  return String(value).replace(CONTROL_CHARACTERS, '');
}

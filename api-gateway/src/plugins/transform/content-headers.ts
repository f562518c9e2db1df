/** Headers that describe the bytes of a body, and are wrong for a changed body. */
export const CONTENT_HEADERS = [
  'accept-ranges',
  'content-digest',
  'content-length',
  'content-md5',
  'digest',
  'repr-digest',
  'trailer',
] as const;

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

export const isJsonType = (type: unknown) => mediaTypeOf(type) === JSON_TYPE;
export const isFormType = (type: unknown) => mediaTypeOf(type) === FORM_TYPE;

/** The media type without its parameters. */
function mediaTypeOf(type: unknown): string | undefined {
  return typeof type === 'string' ? type.split(';', 1)[0]?.trim().toLowerCase() : undefined;
}

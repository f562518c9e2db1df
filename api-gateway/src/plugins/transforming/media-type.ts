const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

export const isJson = (type: unknown) => nameOf(type) === JSON_TYPE;
export const isForm = (type: unknown) => nameOf(type) === FORM_TYPE;

/** Without its parameters. */
function nameOf(type: unknown): string | undefined {
  return typeof type === 'string' ? type.split(';', 1)[0]?.trim().toLowerCase() : undefined;
}

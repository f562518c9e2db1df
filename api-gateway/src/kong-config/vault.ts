import { safeJsonParse } from '../util/safe-json-parse.ts';
import { formatPath } from './config-traversal.ts';

/** `{vault://env/NAME}`, or `{vault://env/NAME/KEY}` for a variable that holds a JSON object. */
const REFERENCE = /^\{vault:\/\/(?<vault>[^/}]+)\/(?<name>[^/}?]+)(?:\/(?<key>[^/}?]+))?(?<more>[^}]*)\}$/;

export interface ResolvedDocument {
  readonly value: unknown;
  readonly mistakes: readonly string[];
}

/**
 * Replaces references in all strings of a file by values of the environment, and removes null values, as Kong does.
 * Comments stay unchanged. Variable names are in upper case with `_` for `-`, as in Kong's env vault.
 */
export function resolveVaultReferences(
  document: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedDocument {
  const mistakes: string[] = [];
  const resolve = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value === 'string') return resolveText(value, path);
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== null)
        .map(([key, item]) => [key, key === '_comment' ? item : resolve(item, [...path, key])]),
    );
  };
  const resolveText = (text: string, path: readonly PropertyKey[]): string => {
    if (!text.startsWith('{vault://')) {
      const [inside] = /\{vault:\/\/[^}]*\}?/.exec(text) ?? [];
      if (inside !== undefined)
        mistakes.push(`${formatPath(path)}: ${inside} must stand alone, and be the whole value`);
      return flattenString(text);
    }
    const { value, mistake } = lookUp(text, environment);
    if (mistake !== undefined) mistakes.push(`${formatPath(path)}: ${mistake}`);
    return value ?? text;
  };
  return { value: resolve(document, []), mistakes };
}

/**
 * Copies the string. Substrings keep the parent string alive, and are two-byte strings if the file has any character
 * outside Latin-1 (an arrow in a comment); response heads with such a string are slower to write.
 */
function flattenString(piece: string): string {
  return Buffer.from(piece).toString();
}

type LookupResult =
  { readonly value: string; readonly mistake?: never } | { readonly value?: never; readonly mistake: string };

function lookUp(text: string, environment: Readonly<Record<string, string | undefined>>): LookupResult {
  const { vault, name = '', key, more } = REFERENCE.exec(text)?.groups ?? {};
  if (vault === undefined) return { mistake: `${text} must be written {vault://env/NAME}` };
  if (vault !== 'env') return { mistake: `${text} is of a vault that is not supported: env alone is` };
  if (more !== '') return { mistake: `${text} has more than a name and a key` };
  const variable = name.toUpperCase().replaceAll('-', '_');
  const value = environment[variable];
  if (value === undefined || value === '')
    return { mistake: `${text} is not set: the environment has no ${variable}` };
  return key === undefined ? { value } : readJsonKey(variable, value, key);
}

function readJsonKey(variable: string, json: string, key: string): LookupResult {
  const object = safeJsonParse(json);
  if (typeof object !== 'object' || object === null)
    return { mistake: `${variable} holds no object in JSON` };
  const value: unknown = Object.entries(object).find(([name]) => name === key)?.[1];
  if (value === undefined || value === null) return { mistake: `the object in ${variable} has no ${key}` };
  return { value: typeof value === 'string' ? value : JSON.stringify(value) };
}

import { checkSemantics } from './semantic-checks.ts';
import type { DeclarativeConfig } from './model/entities.ts';
import { buildConfig } from './model/build-config.ts';
import { documentSchema } from './schema/document.ts';
import { partialDocument } from './partial-schema.ts';
import { parseYaml } from './parse-yaml.ts';
import { checkPluginConfigs, type PluginDefinitions } from './plugin-configs.ts';
import { resolveVaultReferences } from './vault.ts';
import { zodMessage, formatIssues } from './error-messages.ts';

/** The configuration of a file, or all its mistakes, each with its place: `services[0].url: must be …`. */
export type LoadResult =
  | {
      readonly config: DeclarativeConfig;
      /** The content of the file: secrets are still references. */
      readonly document: unknown;
      readonly mistakes?: never;
    }
  | { readonly config?: never; readonly document?: never; readonly mistakes: readonly string[] };

export interface LoadOptions {
  readonly kinds: PluginDefinitions;
  /** The environment for `{vault://env/NAME}`. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Reads Kong's declarative format, in YAML or JSON. Never throws. */
export function loadConfig(text: string, options: LoadOptions): LoadResult {
  const { document, mistakes } = parseYaml(text);
  if (mistakes !== undefined) return { mistakes };
  try {
    return loadConfigDocument(document, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { mistakes: ['the file: is too deep, or an alias in it stands for what it is in'] };
  }
}

/** Reads the parsed content of a file. @throws {RangeError} for a circular document. */
export function loadConfigDocument(
  document: unknown,
  { kinds, environment = process.env }: LoadOptions,
): LoadResult {
  if (isEmpty(document)) return { mistakes: ['the file: is empty'] };
  const { value, mistakes: unresolved } = resolveVaultReferences(document, environment);
  const parsed = documentSchema.safeParse(value, { error: zodMessage });
  const file = partialDocument.parse(value);
  const told = new Set(unresolved.map(pathOfMistake));
  const mistakes = [
    ...unresolved,
    ...[
      ...formatIssues(parsed.error?.issues ?? []),
      ...checkPluginConfigs(file, kinds),
      ...checkSemantics(file),
    ].filter((mistake) => !told.has(pathOfMistake(mistake))),
  ];
  if (!parsed.success || mistakes.length > 0) return { mistakes };
  return { config: buildConfig(parsed.data, kinds, partialDocument.parse(document)), document };
}

/** Removes follow-up messages about a value that is reported as missing. */
const pathOfMistake = (mistake: string) => mistake.split(': ', 1)[0];

/** Also a file that was read while a program was still writing it. */
function isEmpty(document: unknown): boolean {
  if (document === null || document === undefined) return true;
  return typeof document === 'object' && Object.keys(document).length === 0;
}

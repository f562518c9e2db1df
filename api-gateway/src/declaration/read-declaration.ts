import { contradictions } from './contradictions.ts';
import type { Declaration } from './declaration.ts';
import { declare } from './declare.ts';
import { kongFormat } from './format/document.ts';
import { outline } from './outline.ts';
import { parseText } from './parse-text.ts';
import { pluginMistakes, type Kinds } from './plugin-configs.ts';
import { resolveReferences } from './vault.ts';
import { inPlainWords, linesOf } from './words.ts';

/** What a file declares, or every mistake in it, each with its place: `services[0].url: must be …`. */
export type Reading =
  | {
      readonly declaration: Declaration;
      /** The file as it was written, secrets still as references. */
      readonly document: unknown;
      readonly mistakes?: never;
    }
  | { readonly declaration?: never; readonly document?: never; readonly mistakes: readonly string[] };

export interface ReadOptions {
  readonly kinds: Kinds;
  /** Where `{vault://env/NAME}` looks. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Reads Kong's declarative format, in YAML or JSON. Never throws. */
export function readDeclaration(text: string, options: ReadOptions): Reading {
  const { document, mistakes } = parseText(text);
  if (mistakes !== undefined) return { mistakes };
  try {
    return interpret(document, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { mistakes: ['the file: is too deep, or an alias in it stands for what it is in'] };
  }
}

/** Reads what a file says once it is parsed. @throws {RangeError} where that has no end. */
export function interpret(document: unknown, { kinds, environment = process.env }: ReadOptions): Reading {
  if (isEmpty(document)) return { mistakes: ['the file: is empty'] };
  const { value, mistakes: unresolved } = resolveReferences(document, environment);
  const parsed = kongFormat.safeParse(value, { error: inPlainWords });
  const file = outline.parse(value);
  const told = new Set(unresolved.map(placeIn));
  const mistakes = [
    ...unresolved,
    ...[
      ...linesOf(parsed.error?.issues ?? []),
      ...pluginMistakes(file, kinds),
      ...contradictions(file),
    ].filter((mistake) => !told.has(placeIn(mistake))),
  ];
  if (!parsed.success || mistakes.length > 0) return { mistakes };
  return { declaration: declare(parsed.data, kinds, outline.parse(document)), document };
}

/** What is said of a value that is not there helps nobody who was told that it is not. */
const placeIn = (mistake: string) => mistake.split(': ', 1)[0];

/** Also a file that was read while somebody was still writing it. */
function isEmpty(document: unknown): boolean {
  if (document === null || document === undefined) return true;
  return typeof document === 'object' && Object.keys(document).length === 0;
}

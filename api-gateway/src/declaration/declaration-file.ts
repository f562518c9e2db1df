import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Declaration } from './declaration.ts';
import { readDeclaration, type ReadOptions } from './read-declaration.ts';

/** A declaration and what it was made of. */
export interface ReadFile {
  readonly declaration: Declaration;
  /** The file as it was written, secrets still as references. */
  readonly document: unknown;
  /** Of the text: which configuration this is. */
  readonly hash: string;
}

export type FileReading =
  | { readonly read: ReadFile; readonly mistakes?: never }
  | { readonly read?: never; readonly mistakes: readonly string[] };

/** Reads a text that is, or could be, a configuration file. Never throws. */
export function readText(text: string, options: ReadOptions): FileReading {
  const { declaration, document, mistakes } = readDeclaration(text, options);
  if (declaration === undefined) return { mistakes };
  return { read: { declaration, document, hash: hashOf(text) } };
}

/** Reads a configuration file. Never throws: what cannot be read is a mistake as well. */
export function readDeclarationFile(path: string, options: ReadOptions): FileReading {
  try {
    return readText(readFileSync(path, 'utf8'), options);
  } catch (error) {
    return { mistakes: [`cannot be read: ${Error.isError(error) ? error.message : String(error)}`] };
  }
}

/** 32 characters, as Kong's. */
export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

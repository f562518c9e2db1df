import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DeclarativeConfig } from './model/entities.ts';
import { loadConfig, type LoadOptions } from './load-config.ts';

/** A configuration and what it was made of. */
export interface LoadedConfig {
  readonly config: DeclarativeConfig;
  /** The file as it was written, secrets still as references. */
  readonly document: unknown;
  /** Of the text: which configuration this is. */
  readonly hash: string;
}

export type FileLoadResult =
  | { readonly loaded: LoadedConfig; readonly mistakes?: never }
  | { readonly loaded?: never; readonly mistakes: readonly string[] };

/** Reads a text that is, or could be, a configuration file. Never throws. */
export function loadConfigText(text: string, options: LoadOptions): FileLoadResult {
  const { config, document, mistakes } = loadConfig(text, options);
  if (config === undefined) return { mistakes };
  return { loaded: { config, document, hash: configHash(text) } };
}

/** Reads a configuration file. Never throws: what cannot be read is a mistake as well. */
export function loadConfigFile(path: string, options: LoadOptions): FileLoadResult {
  try {
    return loadConfigText(readFileSync(path, 'utf8'), options);
  } catch (error) {
    return { mistakes: [`cannot be read: ${Error.isError(error) ? error.message : String(error)}`] };
  }
}

/** 32 characters, as Kong's. */
export const configHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

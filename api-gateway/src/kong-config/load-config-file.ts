import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DeclarativeConfig } from './model/entities.ts';
import { loadConfig, type LoadOptions } from './load-config.ts';

/** A configuration and the text that it was built from. */
export interface LoadedConfig {
  readonly config: DeclarativeConfig;
  /** The content of the file: secrets are still references. */
  readonly document: unknown;
  /** Hash of the text: identifies the configuration. */
  readonly hash: string;
}

export type FileLoadResult =
  | { readonly loaded: LoadedConfig; readonly mistakes?: never }
  | { readonly loaded?: never; readonly mistakes: readonly string[] };

/** Loads a configuration from a text. Never throws. */
export function loadConfigText(text: string, options: LoadOptions): FileLoadResult {
  const { config, document, mistakes } = loadConfig(text, options);
  if (config === undefined) return { mistakes };
  return { loaded: { config, document, hash: configHash(text) } };
}

/** Loads a configuration file. Never throws: an unreadable file counts as a mistake. */
export function loadConfigFile(path: string, options: LoadOptions): FileLoadResult {
  try {
    return loadConfigText(readFileSync(path, 'utf8'), options);
  } catch (error) {
    return { mistakes: [`cannot be read: ${Error.isError(error) ? error.message : String(error)}`] };
  }
}

/** 32 characters, as in Kong. */
export const configHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

import { z } from 'zod';
import { loadConfigText, type FileLoadResult } from '../kong-config/load-config-file.ts';
import type { LoadOptions } from '../kong-config/load-config.ts';
import { safeJsonParse } from '../util/safe-json-parse.ts';
import type { RuntimeOverrides } from './runtime-overrides.ts';

/**
 * The file of the last POST /config, stored among the overrides. It applies while the file on disk is the same
 * as then.
 */
export interface UploadedConfig {
  /**
   * @param over the hash of the file on disk.
   * @returns undefined if nothing was uploaded over that file.
   */
  read(over: string): FileLoadResult | undefined;
  /** Resolves with whether the other processes get it. */
  store(text: string, over: string): Promise<boolean>;
}

const FIELD = 'configuration';
const uploadSchema = z.object({ text: z.string(), over: z.string() });

export function createUploadedConfig(overrides: RuntimeOverrides, options: LoadOptions): UploadedConfig {
  let last: { readonly text: string; readonly reading: FileLoadResult } | undefined;
  return {
    read: (over) => {
      const { data } = uploadSchema.safeParse(safeJsonParse(overrides.entries().get(FIELD)));
      if (data?.over !== over) return undefined;
      // Parsed once: it is read after each change of an override.
      if (last?.text !== data.text) last = { text: data.text, reading: loadConfigText(data.text, options) };
      return last.reading;
    },
    store: (text, over) => overrides.set(FIELD, JSON.stringify({ text, over })),
  };
}

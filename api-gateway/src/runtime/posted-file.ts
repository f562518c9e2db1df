import { z } from 'zod';
import { readText, type FileReading } from '../declaration/declaration-file.ts';
import type { ReadOptions } from '../declaration/read-declaration.ts';
import { parseJson } from '../json.ts';
import type { SharedSettings } from './settings.ts';

/** A whole file that was posted, among the settings. It holds over the file on disk that was there then. */
export interface PostedFile {
  /** @param over the hash of the file on disk. @returns undefined where nothing was posted over that. */
  read(over: string): FileReading | undefined;
  /** Resolves with whether the other processes hear of it. */
  set(text: string, over: string): Promise<boolean>;
}

const FIELD = 'configuration';
const entry = z.object({ text: z.string(), over: z.string() });

export function createPostedFile(settings: SharedSettings, options: ReadOptions): PostedFile {
  let last: { readonly text: string; readonly reading: FileReading } | undefined;
  return {
    read: (over) => {
      const { data } = entry.safeParse(parseJson(settings.entries().get(FIELD)));
      if (data?.over !== over) return undefined;
      // Read once: it is asked for after each change of any setting.
      if (last?.text !== data.text) last = { text: data.text, reading: readText(data.text, options) };
      return last.reading;
    },
    set: (text, over) => settings.set(FIELD, JSON.stringify({ text, over })),
  };
}

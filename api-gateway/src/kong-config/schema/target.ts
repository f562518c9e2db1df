import { z } from 'zod';
import { commonFields, reference } from './common.ts';

/** Kong's maximum. */
export const MAX_WEIGHT = 65_535;
/** Kong's default weight. */
export const DEFAULT_WEIGHT = 100;

const SELECTOR = /^(?:[\w.-]+=[\w.:/+~-]+(?:,[\w.-]+=[\w.:/+~-]+)*|\*)$/;
const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::(?<port>\d{1,5}))?$/i;
/** Kong's default port of a target. */
const DEFAULT_PORT = 8000;

/** A target: `host:port`, or a selector of the registry's instances. @returns the normalised text. */
export function normaliseTarget(text: string): string | undefined {
  if (SELECTOR.test(text)) return text;
  const found = HOST_AND_PORT.exec(text);
  if (found === null || Number(found.groups?.['port'] ?? DEFAULT_PORT) > 65_535) return undefined;
  return found.groups?.['port'] === undefined ? `${text}:${DEFAULT_PORT}` : text;
}

export const TARGET_FORMAT_MESSAGE =
  'must be host:port, or a selector of the registry’s instances: version=2.0.0, tag=…, KEY=… of their metadata, or * for the rest';

export const weight = z.int().min(0).max(MAX_WEIGHT);

export const target = z.strictObject({
  ...commonFields,
  target: z.string().transform((text, context) => {
    const kept = normaliseTarget(text);
    if (kept !== undefined) return kept;
    context.addIssue({ code: 'custom', message: TARGET_FORMAT_MESSAGE });
    return z.NEVER;
  }),
  weight: weight.default(DEFAULT_WEIGHT),
});

export const topLevelTarget = target.extend({ upstream: reference });

export type KongTarget = z.output<typeof target>;

import { z } from 'zod';
import { common, reference } from './values.ts';

/** Kong's most. */
export const MOST_WEIGHT = 65_535;
/** Kong's default: what a target weighs beside others of which the file says nothing. */
export const STANDARD_WEIGHT = 100;

const SELECTOR = /^(?:[\w.-]+=[\w.:/+~-]+(?:,[\w.-]+=[\w.:/+~-]+)*|\*)$/;
const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::(?<port>\d{1,5}))?$/i;
/** What Kong puts behind a target without a port. */
const STANDARD_PORT = 8000;

/** What an upstream sends requests to: `host:port`, or a selector of the registry's instances. @returns as it is kept. */
export function targetOf(text: string): string | undefined {
  if (SELECTOR.test(text)) return text;
  const found = HOST_AND_PORT.exec(text);
  if (found === null || Number(found.groups?.['port'] ?? STANDARD_PORT) > 65_535) return undefined;
  return found.groups?.['port'] === undefined ? `${text}:${STANDARD_PORT}` : text;
}

export const TARGET_WORDS =
  'must be host:port, or a selector of the registry’s instances: version=2.0.0, tag=…, KEY=… of their metadata, or * for the rest';

export const weight = z.int().min(0).max(MOST_WEIGHT);

export const target = z.strictObject({
  ...common,
  target: z.string().transform((text, context) => {
    const kept = targetOf(text);
    if (kept !== undefined) return kept;
    context.addIssue({ code: 'custom', message: TARGET_WORDS });
    return z.NEVER;
  }),
  weight: weight.default(STANDARD_WEIGHT),
});

export const targetApart = target.extend({ upstream: reference });

export type KongTarget = z.output<typeof target>;

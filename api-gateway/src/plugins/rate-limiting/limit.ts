import { z } from 'zod';

/** So many requests in so long. */
export interface Limit {
  readonly requests: number;
  readonly windowMs: number;
  /** As it was written: `100/15m`. */
  readonly text: string;
  /** `15 minutes`. */
  readonly window: string;
}

const UNITS: Readonly<Record<string, { ms: number; name: string }>> = {
  s: { ms: 1_000, name: 'second' },
  m: { ms: 60_000, name: 'minute' },
  h: { ms: 3_600_000, name: 'hour' },
  d: { ms: 86_400_000, name: 'day' },
};

const MOST_REQUESTS = 1_000_000_000;
/** Node's timers, which empty the local counters, go no further than 2³¹ ms. */
const LONGEST_DAYS = 24;

/**
 * `100/15m`: a hundred in fifteen minutes. Several with commas between all hold: `100/1m,1000/1h`. `off`
 * is none. @throws {Error} with a sentence.
 */
export function parseLimits(text: string): Limit[] {
  if (text.trim() === 'off') return [];
  const limits = text.split(',').map((part) => parseLimit(part.trim()));
  const windows = new Set(limits.map(({ windowMs }) => windowMs));
  if (windows.size < limits.length) throw new Error(`"${text}" limits the same window twice`);
  return limits.sort((a, b) => a.windowMs - b.windowMs);
}

function parseLimit(text: string): Limit {
  const [, count, length, letter = ''] = /^(\d+)\/(\d+)([a-z])$/.exec(text) ?? [];
  const unit = UNITS[letter];
  if (unit === undefined)
    throw new Error(`"${text}" is no limit: write 100/15m (s, m, h, d), several with commas, or off`);
  const [requests, windowMs] = [Number(count), Number(length) * unit.ms];
  if (requests < 1 || requests > MOST_REQUESTS)
    throw new Error(`"${text}" must allow 1 to ${MOST_REQUESTS} requests; off lifts the limit`);
  if (windowMs < 1 || windowMs > LONGEST_DAYS * 86_400_000)
    throw new Error(`"${text}" must be for a window of 1s to ${LONGEST_DAYS}d`);
  return { requests, windowMs, text, window: `${length} ${unit.name}${length === '1' ? '' : 's'}` };
}

/** Limits as a variable of the environment. */
export const limits = (standard: string) =>
  z
    .string()
    .default(standard)
    .transform((text, context) => {
      try {
        return parseLimits(text);
      } catch (error) {
        context.addIssue(Error.isError(error) ? error.message : String(error));
        return z.NEVER;
      }
    });

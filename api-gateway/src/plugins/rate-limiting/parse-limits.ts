import { z } from 'zod';

/** A number of requests in a window. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
  /** `15 minutes`. */
  readonly window: string;
}

const UNITS: Readonly<Record<string, { ms: number; name: string }>> = {
  s: { ms: 1_000, name: 'second' },
  m: { ms: 60_000, name: 'minute' },
  h: { ms: 3_600_000, name: 'hour' },
  d: { ms: 86_400_000, name: 'day' },
};

/** Kong's windows: a month has 30 days, a year 365. */
export const PERIOD_LIMITS = (
  [
    ['second', 1_000],
    ['minute', 60_000],
    ['hour', 3_600_000],
    ['day', 86_400_000],
    ['month', 2_592_000_000],
    ['year', 31_536_000_000],
  ] as const
).map(([period, windowMs]) => ({
  period,
  limitOf: (requests: number): RateLimit => ({ requests, windowMs, window: `1 ${period}` }),
}));

const MAX_REQUESTS = 1_000_000_000;
const MAX_WINDOW_DAYS = 24;

/**
 * `100/15m` is 100 requests in 15 minutes. `100/1m,1000/1h` is several limits that all apply. `off` is none.
 * @throws {Error} with a message for the user.
 */
export function parseLimits(text: string): RateLimit[] {
  if (text.trim() === 'off') return [];
  const limits = text.split(',').map((part) => parseLimit(part.trim()));
  const windows = new Set(limits.map(({ windowMs }) => windowMs));
  if (windows.size < limits.length) throw new Error(`"${text}" limits the same window twice`);
  return limits.sort((a, b) => a.windowMs - b.windowMs);
}

function parseLimit(text: string): RateLimit {
  const [, count, length, letter = ''] = /^(\d+)\/(\d+)([a-z])$/.exec(text) ?? [];
  const unit = UNITS[letter];
  if (unit === undefined)
    throw new Error(`"${text}" is no limit: write 100/15m (s, m, h, d), several with commas, or off`);
  const [requests, windowMs] = [Number(count), Number(length) * unit.ms];
  if (requests < 1 || requests > MAX_REQUESTS)
    throw new Error(`"${text}" must allow 1 to ${MAX_REQUESTS} requests; off lifts the limit`);
  if (windowMs < 1 || windowMs > MAX_WINDOW_DAYS * 86_400_000)
    throw new Error(`"${text}" must be for a window of 1s to ${MAX_WINDOW_DAYS}d`);
  return { requests, windowMs, window: `${length} ${unit.name}${length === '1' ? '' : 's'}` };
}

/** Limits in one text. */
export const limitsSchema = z.string().transform((text, context) => {
  try {
    return parseLimits(text);
  } catch (error) {
    context.addIssue(Error.isError(error) ? error.message : String(error));
    return z.NEVER;
  }
});

import { z } from 'zod';

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof UNITS;

const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const DURATION = new RegExp(`^(${PART.source}){1,8}$`);
const MAX_DURATION_MS = 365 * 24 * UNITS.h;

/** Parses a Go duration such as `30s`, `1m30s` or `100ms` into milliseconds. */
export const duration = z
  .string()
  .max(64)
  .regex(DURATION, 'must be a duration such as 30s or 1m30s')
  .transform((text) => [...text.matchAll(PART)].reduce((sum, part) => sum + milliseconds(part), 0))
  .refine((ms) => ms <= MAX_DURATION_MS, 'must be a year at most');

const empty = z.literal('').transform(() => 0);
const nanoseconds = z
  .number()
  .min(0)
  .max(MAX_DURATION_MS / UNITS.ns)
  .transform((ns) => ns * UNITS.ns);

/** A duration in a body, where a number means nanoseconds, as in Go. An empty text means none. */
export const bodyDuration = z.union(
  [empty, duration, nanoseconds],
  'must be a duration such as 30s or 1m30s',
);

function milliseconds([, count, unit]: RegExpExecArray): number {
  return Number(count) * (isUnit(unit) ? UNITS[unit] : 0);
}

function isUnit(text: string | undefined): text is Unit {
  return text !== undefined && text in UNITS;
}

/** Formats milliseconds as a Go duration: 90,000 as `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < UNITS.s) return `${ms}ms`;
  const hours = Math.floor(ms / UNITS.h);
  const minutes = Math.floor((ms % UNITS.h) / UNITS.m);
  const seconds = (ms % UNITS.m) / UNITS.s;
  return [
    ...(hours > 0 ? [`${hours}h`] : []),
    ...(hours > 0 || minutes > 0 ? [`${minutes}m`] : []),
    `${seconds}s`,
  ].join('');
}

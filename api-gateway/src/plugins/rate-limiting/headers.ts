import { hash } from 'node:crypto';
import type { Standing } from './counters.ts';
import type { Limit } from './limit.ts';

/** A limit and how it is called in headers. */
interface Named {
  readonly limit: Limit;
  /** `100-in-15min`, as express-rate-limit has it. */
  readonly name: string;
  /** Kong's: `Minute`; undefined for a window that Kong does not know. */
  readonly period: string | undefined;
}

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1_000, 'Second'],
  [60_000, 'Minute'],
  [3_600_000, 'Hour'],
  [86_400_000, 'Day'],
  [2_592_000_000, 'Month'],
  [31_536_000_000, 'Year'],
]);

export type Headers = readonly (readonly [name: string, value: string])[];

/**
 * What the answers tell of limits: Kong's X-RateLimit-*-Minute of each window and RateLimit-* of the tightest,
 * and RateLimit and RateLimit-Policy of each (draft-ietf-httpapi-ratelimit-headers-08).
 */
export function createHeaders(limits: readonly Limit[], now: () => number) {
  const named = limits.map(nameOf);
  /** @param tightest which of the limits decides. */
  return (key: string, standing: Standing, tightest: number): Headers => {
    const at = now();
    const left = named.map(({ limit }, index) => Math.max(0, limit.requests - (standing.used[index] ?? 0)));
    const seconds = named.map((_named, index) =>
      Math.max(0, Math.ceil(((standing.resetAt[index] ?? 0) - at) / 1_000)),
    );
    const partition = Buffer.from(hash('sha256', key).slice(0, 12)).toString('base64');
    const headers: [string, string][] = named.flatMap(({ limit, period }, index) =>
      period === undefined
        ? []
        : [
            [`X-RateLimit-Limit-${period}`, String(limit.requests)],
            [`X-RateLimit-Remaining-${period}`, String(left[index])],
          ],
    );
    headers.push(
      ['RateLimit-Limit', String(named[tightest]?.limit.requests)],
      ['RateLimit-Remaining', String(left[tightest])],
      ['RateLimit-Reset', String(seconds[tightest])],
      [
        'RateLimit',
        named.map(({ name }, index) => `"${name}"; r=${left[index]}; t=${seconds[index]}`).join(', '),
      ],
      [
        'RateLimit-Policy',
        named
          .map(
            ({ name, limit }) =>
              `"${name}"; q=${limit.requests}; w=${limit.windowMs / 1_000}; pk=:${partition}:`,
          )
          .join(', '),
      ],
    );
    return headers;
  };
}

function nameOf(limit: Limit): Named {
  const seconds = limit.windowMs / 1_000;
  const [unit, length] =
    seconds < 60
      ? ['sec', 1]
      : seconds < 3_600
        ? ['min', 60]
        : seconds < 86_400
          ? ['hr', 3_600]
          : ['day', 86_400];
  return {
    limit,
    name: `${limit.requests}-in-${Math.ceil(seconds / length)}${unit}`,
    period: PERIODS.get(limit.windowMs),
  };
}

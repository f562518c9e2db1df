import { hash } from 'node:crypto';
import QuickLRU from 'quick-lru';
import type { ResponseHeaders } from '../api/response.ts';
import type { RateLimitUsage } from './policies/usage.ts';
import type { RateLimit } from './parse-limits.ts';

/** A limit and its names in headers. */
interface NamedLimit {
  readonly requests: number;
  /** In the format of express-rate-limit: `"100-in-15min"`. */
  readonly name: string;
  /** Its policy without the partition key. */
  readonly policy: string;
  /** Kong's headers; undefined for a window that Kong does not have. */
  readonly kong: { readonly limit: string; readonly remaining: string } | undefined;
}

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1_000, 'Second'],
  [60_000, 'Minute'],
  [3_600_000, 'Hour'],
  [86_400_000, 'Day'],
  [2_592_000_000, 'Month'],
  [31_536_000_000, 'Year'],
]);

/** Clients whose hash is cached. */
const MAX_CLIENTS = 10_000;

/**
 * Writes the headers about limits: Kong's X-RateLimit-*-Minute for each window and RateLimit-* for the deciding one,
 * and RateLimit and RateLimit-Policy for each (draft-ietf-httpapi-ratelimit-headers-08).
 */
export function createRateLimitHeaders(limits: readonly RateLimit[], now: () => number) {
  const named = limits.map(describeLimit);
  const partitions = new QuickLRU<string, string>({ maxSize: MAX_CLIENTS });

  /** The partition key of a client: distinguishes clients without revealing their identity. */
  function partitionOf(key: string): string {
    const known = partitions.get(key);
    if (known !== undefined) return known;
    const partition = Buffer.from(hash('sha256', key).slice(0, 12)).toString('base64');
    partitions.set(key, partition);
    return partition;
  }

  /** @param deciding index of the deciding limit. */
  return (
    responseHeaders: ResponseHeaders,
    key: string,
    { used, resetAt }: RateLimitUsage,
    deciding: number,
  ): void => {
    const at = now();
    const partition = partitionOf(key);
    let usage = '';
    let policy = '';
    for (const [index, { requests, name, policy: rule, kong }] of named.entries()) {
      const left = Math.max(0, requests - (used[index] ?? 0));
      const seconds = Math.max(0, Math.ceil(((resetAt[index] ?? 0) - at) / 1_000));
      const comma = index === 0 ? '' : ', ';
      usage += `${comma}${name}; r=${left}; t=${seconds}`;
      policy += `${comma}${rule}${partition}:`;
      if (kong !== undefined) {
        responseHeaders.append(kong.limit, String(requests));
        responseHeaders.append(kong.remaining, String(left));
      }
      if (index !== deciding) continue;
      responseHeaders.append('RateLimit-Limit', String(requests));
      responseHeaders.append('RateLimit-Remaining', String(left));
      responseHeaders.append('RateLimit-Reset', String(seconds));
    }
    responseHeaders.append('RateLimit', usage);
    responseHeaders.append('RateLimit-Policy', policy);
  };
}

function describeLimit(limit: RateLimit): NamedLimit {
  const seconds = limit.windowMs / 1_000;
  const [unit, length] =
    seconds < 60
      ? ['sec', 1]
      : seconds < 3_600
        ? ['min', 60]
        : seconds < 86_400
          ? ['hr', 3_600]
          : ['day', 86_400];
  const name = `"${limit.requests}-in-${Math.ceil(seconds / length)}${unit}"`;
  const period = PERIODS.get(limit.windowMs);
  return {
    requests: limit.requests,
    name,
    policy: `${name}; q=${limit.requests}; w=${seconds}; pk=:`,
    kong:
      period === undefined
        ? undefined
        : { limit: `X-RateLimit-Limit-${period}`, remaining: `X-RateLimit-Remaining-${period}` },
  };
}

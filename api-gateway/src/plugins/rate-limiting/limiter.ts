import { rateLimit, type Store } from 'express-rate-limit';
import type { Request } from 'express';
import { sendProblem } from '../api/problem-response.ts';
import { fromExpressMiddleware } from '../api/express-adapter.ts';
import type { RequestContext } from '../api/request-context.ts';
import { createRateLimitHeaders } from './rate-limit-headers.ts';
import type { RateLimitIdentifier } from './identifier.ts';
import type { RateLimitDecision } from './token-leasing.ts';
import type { RateLimit } from './parse-limits.ts';
import { RateLimitExceeded } from './rate-limit.errors.ts';
import type { RateLimitingConfig } from './schema.ts';
import { createSlotMap } from './slot-map.ts';
import type { RateLimitCounter } from './policies/fallback.ts';

/** Counts a request, and answers it where it is one too many. */
export type Limiter = (
  requestContext: RequestContext,
  identifier: RateLimitIdentifier,
) => void | Promise<void>;

export interface LimiterOptions {
  /** One at least. */
  readonly limits: readonly [RateLimit, ...RateLimit[]];
  readonly counter: RateLimitCounter;
  readonly config: Pick<RateLimitingConfig, 'error_code' | 'error_message' | 'hide_client_headers'>;
  readonly now: () => number;
}

/** One request on its way through the middleware. */
interface PendingCount {
  /** What the middleware takes for a client: each request is one to it, so that the store knows which. */
  name: string;
  readonly requestContext: RequestContext;
  readonly identifier: RateLimitIdentifier;
  readonly decision: RateLimitDecision | Promise<RateLimitDecision>;
  /** The window that decides about it. */
  limit: RateLimit;
}

const PENDING_COUNT = Symbol('pending count');

interface CountedRequest extends Request {
  [PENDING_COUNT]?: PendingCount;
}

/**
 * One express-rate-limit for all windows of a client, which sees who has to wait for a place or has none. Its
 * store answers with the window that decides: one that is full, else the tightest. Headers are written here: the middleware knows those of one window.
 */
export function createLimiter({ limits, counter, config, now }: LimiterOptions): Limiter {
  const setHeaders = createRateLimitHeaders(limits, now);
  const pendingCounts = createSlotMap<PendingCount>();

  async function increment(name: string): Promise<{ totalHits: number; resetTime: Date }> {
    const pendingCount = pendingCounts.remove(name);
    const decision = await pendingCount.decision;
    const at = recordUsage(pendingCount.requestContext, pendingCount.identifier, decision);
    pendingCount.limit = limits[at] ?? limits[0];
    const used = decision.used[at] ?? 0;
    return {
      totalHits: decision.granted ? used : used + 1,
      resetTime: new Date(decision.resetAt[at] ?? now()),
    };
  }

  /** Returns which of the windows decides. */
  function recordUsage(
    requestContext: RequestContext,
    { key }: RateLimitIdentifier,
    decision: RateLimitDecision,
  ): number {
    const at = decidingLimit(limits, decision);
    if (!config.hide_client_headers) setHeaders(requestContext.responseHeaders, key, decision, at);
    return at;
  }

  // Counts are only ever taken back for options of the middleware that are not used here.
  const store: Store = { increment, decrement: () => undefined, resetKey: () => undefined };

  const count = fromExpressMiddleware(
    rateLimit({
      store,
      keyGenerator: (request) => pendingCountOf(request).name,
      limit: (request) => pendingCountOf(request).limit.requests,
      handler: (request) => {
        refuse(pendingCountOf(request), Math.ceil((resetTimeOf(request) - now()) / 1_000));
      },
      standardHeaders: false,
      legacyHeaders: false,
      // Its checks speak up about X-Forwarded-For that a client made up; Express trusts TRUSTED_PROXIES here.
      validate: false,
    }),
  );

  function refuse(
    { requestContext, identifier: { description }, limit }: PendingCount,
    seconds: number,
  ): void {
    const retryAfter = Math.max(1, seconds);
    const often = `${limit.requests} ${limit.requests === 1 ? 'request' : 'requests'} in ${limit.window}`;
    const words = `More than ${often} came from ${description}: come back in ${retryAfter} s.`;
    const error = new RateLimitExceeded(config.error_message ?? words, { retryAfter });
    sendProblem(requestContext, config.error_code, error);
  }

  return (requestContext, identifier) => {
    const decision = counter.acquire(identifier.key, limits);
    // Its place is paid for: there is nothing to wait for or to decide.
    if (!(decision instanceof Promise) && decision.granted) {
      recordUsage(requestContext, identifier, decision);
      return undefined;
    }
    const request: CountedRequest = requestContext.request;
    const pendingCount: PendingCount = {
      name: '',
      requestContext,
      identifier,
      decision,
      limit: limits[0],
    };
    pendingCount.name = pendingCounts.insert(pendingCount);
    request[PENDING_COUNT] = pendingCount;
    return count(requestContext);
  };
}

function pendingCountOf(request: CountedRequest): PendingCount {
  const pendingCount = request[PENDING_COUNT];
  if (pendingCount === undefined) throw new Error('A request that is counted has a limit.');
  return pendingCount;
}

function resetTimeOf(request: Request & { rateLimit?: { readonly resetTime?: Date | undefined } }): number {
  return request.rateLimit?.resetTime?.getTime() ?? 0;
}

/** Of the windows that are full the one that ends last, else the one with the least room. */
function decidingLimit(limits: readonly RateLimit[], { used, resetAt, granted }: RateLimitDecision): number {
  let chosen = 0;
  let most = -Infinity;
  for (let at = 0; at < limits.length; at += 1) {
    const room = (limits[at]?.requests ?? 0) - (used[at] ?? 0);
    const weight = !granted && room <= 0 ? (resetAt[at] ?? 0) : -room;
    if (weight <= most) continue;
    chosen = at;
    most = weight;
  }
  return chosen;
}

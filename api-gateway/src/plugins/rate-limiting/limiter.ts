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

/** Counts a request, and refuses it above a limit. */
export type Limiter = (
  requestContext: RequestContext,
  identifier: RateLimitIdentifier,
) => void | Promise<void>;

export interface LimiterOptions {
  /** At least one. */
  readonly limits: readonly [RateLimit, ...RateLimit[]];
  readonly counter: RateLimitCounter;
  readonly config: Pick<RateLimitingConfig, 'error_code' | 'error_message' | 'hide_client_headers'>;
  readonly now: () => number;
}

/** A request inside the middleware. */
interface PendingCount {
  /** The middleware's client key. Each request has its own, by which the store finds it. */
  name: string;
  readonly requestContext: RequestContext;
  readonly identifier: RateLimitIdentifier;
  readonly decision: RateLimitDecision | Promise<RateLimitDecision>;
  /** The deciding limit. */
  limit: RateLimit;
}

const PENDING_COUNT = Symbol('pending count');

interface CountedRequest extends Request {
  [PENDING_COUNT]?: PendingCount;
}

/**
 * One express-rate-limit for all windows of a client. It handles requests that wait for a permit or have none. Its
 * store returns the deciding window: a full one, or else the one with the least room. This file writes the headers,
 * because the middleware writes those of one window only.
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

  /** Returns the index of the deciding window. */
  function recordUsage(
    requestContext: RequestContext,
    { key }: RateLimitIdentifier,
    decision: RateLimitDecision,
  ): number {
    const at = decidingLimit(limits, decision);
    if (!config.hide_client_headers) setHeaders(requestContext.responseHeaders, key, decision, at);
    return at;
  }

  // The middleware decrements only with options that are not used here.
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
      // Its checks log warnings about X-Forwarded-For of clients; here TRUSTED_PROXIES says what Express trusts.
      validate: false,
    }),
  );

  function refuse(
    { requestContext, identifier: { description }, limit }: PendingCount,
    seconds: number,
  ): void {
    const retryAfter = Math.max(1, seconds);
    const often = `${limit.requests} ${limit.requests === 1 ? 'request' : 'requests'} in ${limit.window}`;
    const message = `More than ${often} came from ${description}: come back in ${retryAfter} s.`;
    const error = new RateLimitExceeded(config.error_message ?? message, { retryAfter });
    sendProblem(requestContext, config.error_code, error);
  }

  return (requestContext, identifier) => {
    const decision = counter.acquire(identifier.key, limits);
    // Fast path: the permit is leased already, so the middleware is not needed.
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
  if (pendingCount === undefined) throw new Error('a request in the middleware has a pending count');
  return pendingCount;
}

function resetTimeOf(request: Request & { rateLimit?: { readonly resetTime?: Date | undefined } }): number {
  return request.rateLimit?.resetTime?.getTime() ?? 0;
}

/** The full window that ends last, or else the window with the least room. */
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

import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit';
import { currentContext } from '@plaza/service-kit';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { fromMiddleware } from '../middleware.ts';
import type { PluginKind, Visit } from '../plugin.ts';
import type { Limit } from './limit.ts';
import { RateLimitExceeded } from './rate-limit.errors.ts';
import { createSharedCounting } from './shared-counting.ts';

interface RateLimits {
  /** For who is not signed in, by address. */
  readonly anonymous: readonly Limit[];
  /** For who is, by user. */
  readonly user: readonly Limit[];
}

const schema = z.custom<RateLimits>();

/**
 * Counts every request against the limits of its user, or of its address where nobody is signed in, and
 * where somebody shows a token that does not hold. A window begins with its first request. The answers
 * tell what is left in RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-08).
 */
export const rateLimiting: PluginKind<RateLimits> = {
  name: 'rate-limiting',
  priority: 910,
  schema,
  create: (limits, { redis, logger, shared }) => {
    const counting = shared('counting', () => createSharedCounting(redis, logger));
    const byAddress = limits.anonymous.map((limit) =>
      limiter(limit, counting.store(`address:${limit.text}`), 'your address', addressOf),
    );
    const byUser = limits.user.map((limit) =>
      limiter(
        limit,
        counting.store(`user:${limit.text}`),
        'you',
        () => currentContext()?.userId ?? 'unknown',
      ),
    );
    return {
      access: async (visit) => {
        for (const limit of visit.caller.kind === 'user' ? byUser : byAddress) await limit(visit);
      },
    };
  },
};

type Access = (visit: Visit) => Promise<void>;

function limiter(limit: Limit, store: Store, whom: string, key: (request: Request) => string): Access {
  const refuse: RequestHandler = (_request, response, next) => {
    const retryAfter = Number(response.getHeader('Retry-After'));
    const often = `${limit.requests} ${limit.requests === 1 ? 'request' : 'requests'} in ${limit.window}`;
    next(
      new RateLimitExceeded(`More than ${often} came from ${whom}: come back in ${retryAfter} s.`, {
        retryAfter,
      }),
    );
  };
  return fromMiddleware(
    rateLimit({
      windowMs: limit.windowMs,
      limit: limit.requests,
      store,
      keyGenerator: key,
      handler: refuse,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      // Its checks speak up about X-Forwarded-For that a client made up; Express trusts TRUSTED_PROXIES here.
      validate: false,
    }),
  );
}

/** IPv6 by the /56 that a household or a server is given: one host has more addresses than can be counted. */
function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? 'unknown', 56);
}

import { rateLimit, type Store } from 'express-rate-limit';
import type { Request } from 'express';
import { answerProblem } from '../answering.ts';
import { fromMiddleware } from '../middleware.ts';
import type { Visit } from '../plugin.ts';
import { createHeaders } from './headers.ts';
import type { Identifier } from './identifier.ts';
import type { Spent } from './leases.ts';
import type { Limit } from './limit.ts';
import { RateLimitExceeded } from './rate-limit.errors.ts';
import type { RateLimitingConfig } from './schema.ts';
import { createSlots } from './slots.ts';
import type { Tally } from './tally.ts';

/** Counts a request, and answers it where it is one too many. */
export type Limiter = (visit: Visit, identifier: Identifier) => void | Promise<void>;

export interface LimiterOptions {
  /** One at least. */
  readonly limits: readonly [Limit, ...Limit[]];
  readonly tally: Tally;
  readonly config: Pick<RateLimitingConfig, 'error_code' | 'error_message' | 'hide_client_headers'>;
  readonly now: () => number;
}

/** One request on its way through the middleware. */
interface Counting {
  /** What the middleware takes for a client: each request is one to it, so that the store knows which. */
  name: string;
  readonly visit: Visit;
  readonly identifier: Identifier;
  readonly spending: Spent | Promise<Spent>;
  /** The window that decides about it. */
  limit: Limit;
}

const COUNTING = Symbol('counting');

interface CountedRequest extends Request {
  [COUNTING]?: Counting;
}

/**
 * One express-rate-limit for all windows of a client, which sees who has to wait for a place or has none. Its
 * store answers with the window that decides: one that is full, else the tightest. Headers are written here: the middleware knows those of one window.
 */
export function createLimiter({ limits, tally, config, now }: LimiterOptions): Limiter {
  const tell = createHeaders(limits, now);
  const underWay = createSlots<Counting>();

  async function increment(name: string): Promise<{ totalHits: number; resetTime: Date }> {
    const counting = underWay.take(name);
    const spent = await counting.spending;
    const at = note(counting.visit, counting.identifier, spent);
    counting.limit = limits[at] ?? limits[0];
    const used = spent.used[at] ?? 0;
    return { totalHits: spent.granted ? used : used + 1, resetTime: new Date(spent.resetAt[at] ?? now()) };
  }

  /** Returns which of the windows decides. */
  function note(visit: Visit, { key }: Identifier, spent: Spent): number {
    const at = deciding(limits, spent);
    if (!config.hide_client_headers) tell(visit.added, key, spent, at);
    return at;
  }

  // Counts are only ever taken back for options of the middleware that are not used here.
  const store: Store = { increment, decrement: () => undefined, resetKey: () => undefined };

  const count = fromMiddleware(
    rateLimit({
      store,
      keyGenerator: (request) => countingOf(request).name,
      limit: (request) => countingOf(request).limit.requests,
      handler: (request) => {
        refuse(countingOf(request), Math.ceil((resetTimeOf(request) - now()) / 1_000));
      },
      standardHeaders: false,
      legacyHeaders: false,
      // Its checks speak up about X-Forwarded-For that a client made up; Express trusts TRUSTED_PROXIES here.
      validate: false,
    }),
  );

  function refuse({ visit, identifier: { whom }, limit }: Counting, seconds: number): void {
    const retryAfter = Math.max(1, seconds);
    const often = `${limit.requests} ${limit.requests === 1 ? 'request' : 'requests'} in ${limit.window}`;
    const words = `More than ${often} came from ${whom}: come back in ${retryAfter} s.`;
    const error = new RateLimitExceeded(config.error_message ?? words, { retryAfter });
    answerProblem(visit, config.error_code, error);
  }

  return (visit, identifier) => {
    const spending = tally.spend(identifier.key, limits);
    // Its place is paid for: there is nothing to wait for or to decide.
    if (!(spending instanceof Promise) && spending.granted) {
      note(visit, identifier, spending);
      return undefined;
    }
    const request: CountedRequest = visit.request;
    const counting: Counting = { name: '', visit, identifier, spending, limit: limits[0] };
    counting.name = underWay.put(counting);
    request[COUNTING] = counting;
    return count(visit);
  };
}

function countingOf(request: CountedRequest): Counting {
  const counting = request[COUNTING];
  if (counting === undefined) throw new Error('A request that is counted has a limit.');
  return counting;
}

function resetTimeOf(request: Request & { rateLimit?: { readonly resetTime?: Date | undefined } }): number {
  return request.rateLimit?.resetTime?.getTime() ?? 0;
}

/** Of the windows that are full the one that ends last, else the one with the least room. */
function deciding(limits: readonly Limit[], { used, resetAt, granted }: Spent): number {
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

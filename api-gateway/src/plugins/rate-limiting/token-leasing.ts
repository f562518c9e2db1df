import QuickLRU from 'quick-lru';
import type { RateLimit } from './parse-limits.ts';
import type { RateLimitUsage, PermitGrant, PermitRequest } from './policies/usage.ts';

/** Whether a request has a place, and how its client stands. */
export interface RateLimitDecision extends RateLimitUsage {
  readonly granted: boolean;
}

/** Clients of which places are kept; of more, those that came last. */
const MAX_CLIENTS = 10_000;
/** Places at most beyond the demand. */
const MAX_EXTRA = 255;
/** Milliseconds for which a lease is meant to last, at the pace at which the last one was used. */
const LEASE_DURATION_MS = 60_000;
/** The most by which a lease is larger than the last. */
const MAX_GROWTH = 4;

/** Who waits for a place. */
interface PendingRequest {
  readonly resolve: (decision: RateLimitDecision) => void;
  readonly reject: (error: unknown) => void;
}

interface Client {
  readonly key: string;
  limits: readonly RateLimit[];
  usage: RateLimitUsage;
  /** Places that are paid for and not used. */
  permits: number;
  /** Places of the last lease. */
  leased: number;
  extra: number;
  leasedAt: number;
  /** Those who will be asked for next. */
  pending: PendingRequest[];
  /** A question for it is due or under way. */
  inFlight: boolean;
}

const NO_USAGE: RateLimitUsage = { used: [], resetAt: [] };

/**
 * Takes places several at a time for a client that comes often, so that most of its requests ask nobody, and for
 * all clients that wait in one turn of the loop by one question. No limit is ever exceeded, as places are paid
 * for before they are used. What is given up: a gateway may hold places that the client does not use there, and
 * is then refused that much too early at another one; at most 255 and a sixteenth of what was left, and none
 * where a client makes less than a request a minute.
 */
export function createTokenLeasing(
  acquire: (requests: readonly PermitRequest[]) => Promise<readonly PermitGrant[]>,
  now: () => number,
) {
  const clients = new QuickLRU<string, Client>({ maxSize: MAX_CLIENTS });
  let due: Client[] = [];

  /** One question at a time for a client: who comes meanwhile shares the next. */
  function requestPermit(client: Client): Promise<RateLimitDecision> {
    const { promise, resolve, reject } = Promise.withResolvers<RateLimitDecision>();
    client.pending.push({ resolve, reject });
    if (!client.inFlight) scheduleRequest(client);
    return promise;
  }

  /** After all that has come in this turn of the loop. */
  function scheduleRequest(client: Client): void {
    client.inFlight = true;
    if (due.push(client) === 1) setImmediate(() => void requestPermits());
  }

  async function requestPermits(): Promise<void> {
    const batch = due.map((client) => ({
      client,
      waiting: client.pending,
      request: createPermitRequest(client),
    }));
    due = [];
    try {
      const grants = await acquire(batch.map(({ request }) => request));
      for (const [index, { client, waiting }] of batch.entries()) distribute(client, waiting, grants[index]);
    } catch (error) {
      for (const { waiting } of batch) for (const { reject } of waiting) reject(error);
    }
    for (const { client } of batch) {
      client.inFlight = false;
      if (client.pending.length > 0) scheduleRequest(client);
    }
  }

  function createPermitRequest(client: Client): PermitRequest {
    const { key, limits, pending: waiting, usage, permits } = client;
    const at = now();
    client.extra = nextExtra(client, at);
    client.leasedAt = at;
    client.pending = [];
    client.permits = 0;
    const refunds = limits.map((_limit, index) => ((usage.resetAt[index] ?? 0) > at ? permits : 0));
    return { key, limits, demand: waiting.length, extra: client.extra, refunds };
  }

  function distribute(
    client: Client,
    waiting: readonly PendingRequest[],
    grant: PermitGrant | undefined,
  ): void {
    if (grant === undefined) throw new Error('A client that was asked for gets an answer.');
    const { used, resetAt, granted } = grant;
    client.usage = grant;
    client.leased = granted;
    client.permits = Math.max(0, granted - waiting.length);
    for (const [place, { resolve }] of waiting.entries())
      resolve({ used, resetAt, granted: place < granted });
  }

  function clientOf(key: string, limits: readonly RateLimit[]): Client {
    const known = clients.get(key);
    if (known !== undefined) {
      known.limits = limits;
      return known;
    }
    const client: Client = {
      key,
      limits,
      usage: NO_USAGE,
      permits: 0,
      leased: 0,
      extra: 0,
      leasedAt: -Infinity,
      pending: [],
      inFlight: false,
    };
    clients.set(key, client);
    return client;
  }

  /** At once where a place is at hand, or where it is known that there is none. */
  return (key: string, limits: readonly RateLimit[]): RateLimitDecision | Promise<RateLimitDecision> => {
    const client = clientOf(key, limits);
    const at = now();
    if (client.permits > 0 && client.usage.resetAt.every((end) => end > at)) {
      client.permits -= 1;
      return { ...withoutUnusedPermits(client), granted: true };
    }
    if (isFull(client.usage, limits, at)) return { ...client.usage, granted: false };
    return requestPermit(client);
  };
}

/** As many as are used in a minute; of a client that has come twice little is known, so they grow by and by. */
function nextExtra({ extra, leased, permits, leasedAt }: Client, at: number): number {
  const perMs = (leased - permits) / Math.max(1, at - leasedAt);
  return Math.min((extra + 1) * MAX_GROWTH - 1, MAX_EXTRA, Math.floor(perMs * LEASE_DURATION_MS));
}

/** Places that are leased and not used are not used yet. */
function withoutUnusedPermits({ usage, permits }: Client): RateLimitUsage {
  return { used: usage.used.map((count) => count - permits), resetAt: usage.resetAt };
}

/** Nothing makes room in a window that is full before it ends. */
function isFull({ used, resetAt }: RateLimitUsage, limits: readonly RateLimit[], at: number): boolean {
  return limits.some(({ requests }, index) => (used[index] ?? 0) >= requests && (resetAt[index] ?? 0) > at);
}

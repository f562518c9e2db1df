import QuickLRU from 'quick-lru';
import type { RateLimit } from './parse-limits.ts';
import type { RateLimitUsage, PermitGrant, PermitRequest } from './policies/usage.ts';

/** Whether a request has a permit, and its client's usage. */
export interface RateLimitDecision extends RateLimitUsage {
  readonly granted: boolean;
}

/** Clients with a lease at most; the most recent ones are kept. */
const MAX_CLIENTS = 10_000;
/** Extra permits at most. */
const MAX_EXTRA = 255;
/** Milliseconds that a lease should last, at the rate at which the last one was used. */
const LEASE_DURATION_MS = 60_000;
/** A lease is at most this many times larger than the last. */
const MAX_GROWTH = 4;

/** A request that waits for a permit. */
interface PendingRequest {
  readonly resolve: (decision: RateLimitDecision) => void;
  readonly reject: (error: unknown) => void;
}

interface Client {
  readonly key: string;
  limits: readonly RateLimit[];
  usage: RateLimitUsage;
  /** Leased permits that are not used. */
  permits: number;
  /** Permits of the last lease. */
  leased: number;
  extra: number;
  leasedAt: number;
  /** Requests of the next call. */
  pending: PendingRequest[];
  /** A call for this client is scheduled or in progress. */
  inFlight: boolean;
}

const NO_USAGE: RateLimitUsage = { used: [], resetAt: [] };

/**
 * Leases several permits at a time for a frequent client, so that most of its requests need no Redis call, and sends
 * one call for all clients of one turn of the event loop. No limit is exceeded: a permit is counted before its use.
 * Trade-off: unused leased permits on one gateway may cause an early 429 on another. Bound: min(255, remaining / 16);
 * 0 for clients below one request a minute.
 */
export function createTokenLeasing(
  acquire: (requests: readonly PermitRequest[]) => Promise<readonly PermitGrant[]>,
  now: () => number,
) {
  const clients = new QuickLRU<string, Client>({ maxSize: MAX_CLIENTS });
  let due: Client[] = [];

  /** One call at a time for each client: requests that arrive meanwhile share the next call. */
  function requestPermit(client: Client): Promise<RateLimitDecision> {
    const { promise, resolve, reject } = Promise.withResolvers<RateLimitDecision>();
    client.pending.push({ resolve, reject });
    if (!client.inFlight) scheduleRequest(client);
    return promise;
  }

  /** Sends the call after all requests of this turn of the event loop. */
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
    if (grant === undefined) throw new Error('each client of a call gets a grant');
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

  /** Decides at once with a leased permit, or if a window is known to be full. */
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

/** The permits used in a minute. They grow step by step, because two requests say little about a client's rate. */
function nextExtra({ extra, leased, permits, leasedAt }: Client, at: number): number {
  const perMs = (leased - permits) / Math.max(1, at - leasedAt);
  return Math.min((extra + 1) * MAX_GROWTH - 1, MAX_EXTRA, Math.floor(perMs * LEASE_DURATION_MS));
}

/** The usage without leased permits that are not used. */
function withoutUnusedPermits({ usage, permits }: Client): RateLimitUsage {
  return { used: usage.used.map((count) => count - permits), resetAt: usage.resetAt };
}

/** A full window has no room until it ends. */
function isFull({ used, resetAt }: RateLimitUsage, limits: readonly RateLimit[], at: number): boolean {
  return limits.some(({ requests }, index) => (used[index] ?? 0) >= requests && (resetAt[index] ?? 0) > at);
}

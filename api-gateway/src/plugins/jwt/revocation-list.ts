import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@plaza/service-kit';
import { z } from 'zod';
import { revocationPollFailed, revocationPollRestored } from './jwt.log-events.ts';

/** Sessions that have ended and whose tokens have not expired. */
export interface RevocationList {
  has(sessionId: string): boolean;
  /** Starts polling, which goes on until `release` was called as often as `acquire`. */
  acquire(): void;
  release(): void;
}

export interface RevocationListOptions {
  /** The list's current URL. An error counts as an outage. */
  readonly locate: () => string;
  /** The gateway's own service token. */
  readonly serviceToken: () => Promise<string>;
  readonly logger: Logger;
  readonly now: () => number;
}

const page = z.object({
  items: z.array(z.object({ sessionId: z.string(), until: z.iso.datetime() })).max(1_000),
  next: z.string(),
  more: z.boolean(),
});

/** A logout takes effect after this time plus the duration of one poll. */
const POLL_INTERVAL_MS = 2_000;
const TIMEOUT_MS = 1_500;

/** Polls the issuer every 2 s for newly ended sessions. During an outage it keeps the known ones and logs a warning. */
export function createRevocationList({
  locate,
  serviceToken,
  logger,
  now,
}: RevocationListOptions): RevocationList {
  const ended = new Map<string, number>();
  let since: string | undefined;
  let users = 0;
  let stop = new AbortController();
  let silent = false;

  async function fetchNew(): Promise<void> {
    for (let more = true; more;) {
      const answer = await fetchPage(locate(), since, await serviceToken());
      for (const { sessionId, until } of answer.items) ended.set(sessionId, Date.parse(until));
      since = answer.next;
      more = answer.more;
    }
  }

  async function poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await fetchNew();
        if (silent) logger.info(revocationPollRestored);
        silent = false;
      } catch (error) {
        if (!silent)
          logger.warn(revocationPollFailed, {
            reason: errorMessage(error),
          });
        silent = true;
      }
      removeExpired(ended, now());
      await delay(POLL_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    has: (sessionId) => ended.has(sessionId),
    acquire: () => {
      users += 1;
      if (users > 1) return;
      stop = new AbortController();
      void poll(stop.signal);
    },
    release: () => {
      users -= 1;
      if (users === 0) stop.abort();
    },
  };
}

async function fetchPage(url: string, since: string | undefined, token: string) {
  const address = new URL(url);
  if (since !== undefined) address.searchParams.set('since', since);
  const response = await fetch(address, {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return page.parse(await response.json());
}

/** Removes sessions whose tokens have all expired. */
function removeExpired(ended: Map<string, number>, now: number): void {
  for (const [sessionId, until] of ended) if (until <= now) ended.delete(sessionId);
}

function errorMessage(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  return Error.isError(error.cause) ? `${error.message}: ${error.cause.message}` : error.message;
}

import QuickLRU from 'quick-lru';
import type { Limit } from './limit.ts';
import type { Standing, Taken, Taking } from './counters.ts';

/** Whether a request has a place, and how its client stands. */
export interface Spent extends Standing {
  readonly granted: boolean;
}

/** Clients of which places are kept; of more, those that came last. */
const MOST_CLIENTS = 10_000;
/** Places at most beyond the demand. */
const MOST_EXTRA = 255;
/** Milliseconds for which a lease is meant to last, at the pace at which the last one was used. */
const AHEAD_MS = 60_000;
/** The most by which a lease is larger than the last. */
const GROWTH = 4;

/** Who waits for a place. */
interface Waiting {
  readonly resolve: (spent: Spent) => void;
  readonly reject: (error: unknown) => void;
}

interface Client {
  readonly key: string;
  limits: readonly Limit[];
  standing: Standing;
  /** Places that are paid for and not used. */
  places: number;
  /** Places of the last lease. */
  leased: number;
  extra: number;
  leasedAt: number;
  /** Those who will be asked for next. */
  waiting: Waiting[];
  /** A question for it is due or under way. */
  asking: boolean;
}

const NOTHING: Standing = { used: [], resetAt: [] };

/**
 * Takes places several at a time for a client that comes often, so that most of its requests ask nobody, and for
 * all clients that wait in one turn of the loop by one question. No limit is ever exceeded, as places are paid
 * for before they are used. What is given up: a gateway may hold places that the client does not use there, and
 * is then refused that much too early at another one; at most 255 and a sixteenth of what was left, and none
 * where a client makes less than a request a minute.
 */
export function createLeases(
  take: (takings: readonly Taking[]) => Promise<readonly Taken[]>,
  now: () => number,
) {
  const clients = new QuickLRU<string, Client>({ maxSize: MOST_CLIENTS });
  let due: Client[] = [];

  /** One question at a time for a client: who comes meanwhile shares the next. */
  function ask(client: Client): Promise<Spent> {
    const { promise, resolve, reject } = Promise.withResolvers<Spent>();
    client.waiting.push({ resolve, reject });
    if (!client.asking) askSoon(client);
    return promise;
  }

  /** After all that has come in this turn of the loop. */
  function askSoon(client: Client): void {
    client.asking = true;
    if (due.push(client) === 1) setImmediate(() => void askForAll());
  }

  async function askForAll(): Promise<void> {
    const asked = due.map((client) => ({ client, waiting: client.waiting, taking: takingFor(client) }));
    due = [];
    try {
      const taken = await take(asked.map(({ taking }) => taking));
      for (const [index, { client, waiting }] of asked.entries()) give(client, waiting, taken[index]);
    } catch (error) {
      for (const { waiting } of asked) for (const { reject } of waiting) reject(error);
    }
    for (const { client } of asked) {
      client.asking = false;
      if (client.waiting.length > 0) askSoon(client);
    }
  }

  function takingFor(client: Client): Taking {
    const { key, limits, waiting, standing, places } = client;
    const at = now();
    client.extra = nextExtra(client, at);
    client.leasedAt = at;
    client.waiting = [];
    client.places = 0;
    const refunds = limits.map((_limit, index) => ((standing.resetAt[index] ?? 0) > at ? places : 0));
    return { key, limits, demand: waiting.length, extra: client.extra, refunds };
  }

  function give(client: Client, waiting: readonly Waiting[], taken: Taken | undefined): void {
    if (taken === undefined) throw new Error('A client that was asked for gets an answer.');
    const { used, resetAt, granted } = taken;
    client.standing = taken;
    client.leased = granted;
    client.places = Math.max(0, granted - waiting.length);
    for (const [place, { resolve }] of waiting.entries())
      resolve({ used, resetAt, granted: place < granted });
  }

  function clientOf(key: string, limits: readonly Limit[]): Client {
    const known = clients.get(key);
    if (known !== undefined) {
      known.limits = limits;
      return known;
    }
    const client: Client = {
      key,
      limits,
      standing: NOTHING,
      places: 0,
      leased: 0,
      extra: 0,
      leasedAt: -Infinity,
      waiting: [],
      asking: false,
    };
    clients.set(key, client);
    return client;
  }

  /** At once where a place is at hand, or where it is known that there is none. */
  return (key: string, limits: readonly Limit[]): Spent | Promise<Spent> => {
    const client = clientOf(key, limits);
    const at = now();
    if (client.places > 0 && client.standing.resetAt.every((end) => end > at)) {
      client.places -= 1;
      return { ...unspent(client), granted: true };
    }
    if (isFull(client.standing, limits, at)) return { ...client.standing, granted: false };
    return ask(client);
  };
}

/** As many as are used in a minute; of a client that has come twice little is known, so they grow by and by. */
function nextExtra({ extra, leased, places, leasedAt }: Client, at: number): number {
  const perMs = (leased - places) / Math.max(1, at - leasedAt);
  return Math.min((extra + 1) * GROWTH - 1, MOST_EXTRA, Math.floor(perMs * AHEAD_MS));
}

/** Places that are leased and not used are not used yet. */
function unspent({ standing, places }: Client): Standing {
  return { used: standing.used.map((count) => count - places), resetAt: standing.resetAt };
}

/** Nothing makes room in a window that is full before it ends. */
function isFull({ used, resetAt }: Standing, limits: readonly Limit[], at: number): boolean {
  return limits.some(({ requests }, index) => (used[index] ?? 0) >= requests && (resetAt[index] ?? 0) > at);
}

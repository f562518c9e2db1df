import type { Limit } from './limit.ts';
import type { Standing, Taken, Taking } from './counters.ts';

/** Whether a request has a place, and how its client stands. */
export interface Spent extends Standing {
  readonly granted: boolean;
}

/** Clients of which places are kept; of more, those that came last. */
const MOST_CLIENTS = 10_000;
/** Places at most beyond the demand. */
const MOST_EXTRA = 63;
/** A client that uses its places up in less than this gets more of them at once. Milliseconds. */
const BRISK_MS = 1_000;

interface Client {
  standing: Standing;
  /** Places that are paid for and not used. */
  places: number;
  extra: number;
  leasedAt: number;
  /** The question that is under way. */
  asking: Promise<Taken> | undefined;
  /** Those who will be asked for next. */
  waiting: { count: number; taken: Promise<Taken> } | undefined;
}

const AT_ONCE = Promise.resolve();

const NOTHING: Standing = { used: [], resetAt: [] };

/**
 * Takes places several at a time for a client that comes often, so that most of its requests ask nobody. No
 * limit is ever exceeded, as places are paid for before they are used. What is given up: a gateway may hold
 * places that the client does not use there, and is then refused that much too early at another one; at most
 * 63 and a sixteenth of what was left, and none where a client makes less than two requests a second.
 */
export function createLeases(take: (taking: Taking) => Promise<Taken>, now: () => number) {
  const clients = new Map<string, Client>();

  /** One question at a time for a client: who comes meanwhile shares the next. */
  async function ask(key: string, limits: readonly Limit[], client: Client): Promise<Spent> {
    const waiting = client.waiting ?? queue(key, limits, client);
    const place = waiting.count;
    waiting.count += 1;
    const taken = await waiting.taken;
    return { ...taken, granted: place < taken.granted };
  }

  function queue(key: string, limits: readonly Limit[], client: Client) {
    const before = client.asking?.catch(() => undefined) ?? AT_ONCE;
    const waiting = { count: 0, taken: before.then(() => lease(key, limits, client)) };
    client.waiting = waiting;
    return waiting;
  }

  async function lease(key: string, limits: readonly Limit[], client: Client): Promise<Taken> {
    const demand = client.waiting?.count ?? 0;
    const at = now();
    client.waiting = undefined;
    // Who asks last is forgotten last.
    clients.delete(key);
    clients.set(key, client);
    client.extra = at - client.leasedAt < BRISK_MS ? Math.min(client.extra * 4 + 3, MOST_EXTRA) : 0;
    client.leasedAt = at;
    const refunds = limits.map((_limit, index) =>
      (client.standing.resetAt[index] ?? 0) > at ? client.places : 0,
    );
    client.places = 0;
    client.asking = take({ key, limits, demand, extra: client.extra, refunds });
    try {
      const taken = await client.asking;
      client.standing = taken;
      client.places = Math.max(0, taken.granted - demand);
      return taken;
    } finally {
      client.asking = undefined;
    }
  }

  function clientOf(key: string): Client {
    const known = clients.get(key);
    if (known !== undefined) return known;
    const client = {
      standing: NOTHING,
      places: 0,
      extra: 0,
      leasedAt: -Infinity,
      asking: undefined,
      waiting: undefined,
    };
    clients.set(key, client);
    const first = clients.keys().next();
    if (clients.size > MOST_CLIENTS && first.done !== true) clients.delete(first.value);
    return client;
  }

  /** At once where a place is at hand, or where it is known that there is none. */
  return (key: string, limits: readonly Limit[]): Spent | Promise<Spent> => {
    const client = clientOf(key);
    const at = now();
    if (client.places > 0 && client.standing.resetAt.every((end) => end > at)) {
      client.places -= 1;
      return { ...unspent(client), granted: true };
    }
    if (isFull(client.standing, limits, at)) return { ...client.standing, granted: false };
    return ask(key, limits, client);
  };
}

/** Places that are leased and not used are not used yet. */
function unspent({ standing, places }: Client): Standing {
  return { used: standing.used.map((count) => count - places), resetAt: standing.resetAt };
}

/** Nothing makes room in a window that is full before it ends. */
function isFull({ used, resetAt }: Standing, limits: readonly Limit[], at: number): boolean {
  return limits.some(({ requests }, index) => (used[index] ?? 0) >= requests && (resetAt[index] ?? 0) > at);
}

import { TooManyStreams } from './order.errors.ts';
import type { OrderRepository } from './order.repository.ts';
import { isOver, type Order, type OrderId } from './order.ts';

/** Follows orders wherever they change: in this process, or in another replica. */
export interface OrderFeed {
  /**
   * The order now and after each change, until its story is over, the signal aborts or the feed closes. Changes
   * that come fast may be seen as one.
   * @throws {TooManyStreams} at once.
   */
  follow(id: OrderId, gone: AbortSignal): AsyncIterable<Order>;
  /** An order changed here: whoever follows it need not wait for the next look. */
  changed(id: string): void;
  /** Ends all that is followed. */
  close(): void;
}

export interface OrderFeedOptions {
  readonly orders: OrderRepository;
  /** Between two looks: as late as another replica's change may be seen. */
  readonly pause: () => Promise<void>;
  readonly log: { warn(message: string, fields: object): void };
  readonly most?: number;
}

interface Follower {
  readonly id: OrderId;
  seen: number | undefined;
  wake(): void;
}

/** Each costs a socket and some kilobytes; all together cost one query a look. */
const MOST_FOLLOWERS = 5_000;

export function createOrderFeed({ orders, pause, log, most = MOST_FOLLOWERS }: OrderFeedOptions): OrderFeed {
  const followers = new Set<Follower>();
  const closing = new AbortController();
  let looking = false;

  async function lookWhileFollowed(): Promise<void> {
    if (looking) return;
    looking = true;
    while (followers.size > 0) {
      await pause();
      await look().catch((error: unknown) => log.warn('cannot look for changes of orders', { error }));
    }
    looking = false;
  }

  async function look(): Promise<void> {
    const seqs = await orders.seqs([...new Set([...followers].map(({ id }) => id))]);
    for (const follower of followers) if (seqs.get(follower.id) !== follower.seen) follower.wake();
  }

  async function* versionsOf(id: OrderId, gone: AbortSignal): AsyncGenerator<Order> {
    const end = AbortSignal.any([gone, closing.signal]);
    const follower: Follower = { id, seen: undefined, wake: () => undefined };
    const wake = () => follower.wake();
    end.addEventListener('abort', wake);
    followers.add(follower);
    void lookWhileFollowed();
    try {
      while (!end.aborted) {
        const { promise: woken, resolve } = Promise.withResolvers<void>();
        follower.wake = resolve;
        const order = await orders.byId(id);
        if (order === null) return;
        if (order.seq !== follower.seen) yield order;
        follower.seen = order.seq;
        if (isOver(order)) return;
        if (!end.aborted) await woken;
      }
    } finally {
      followers.delete(follower);
      end.removeEventListener('abort', wake);
    }
  }

  return {
    follow: (id, gone) => {
      if (followers.size >= most) throw new TooManyStreams();
      return versionsOf(id, gone);
    },
    changed: (id) => {
      for (const follower of followers) if (follower.id === id) follower.wake();
    },
    close: () => closing.abort(),
  };
}

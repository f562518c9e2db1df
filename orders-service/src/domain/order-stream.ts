import type { EventLog } from '@plaza/errors';
import { TooManyStreams } from './order.errors.ts';
import type { OrderRepository } from './order.repository.ts';
import { isTerminal } from './order-transitions.ts';
import type { Order, OrderId } from './order.ts';
import { orderStreamPollFailed } from './orders.log-events.ts';

/** Follows orders wherever they change: in this process, or in another replica. */
export interface OrderStream {
  /**
   * The order now and after each change, until its story is over, the signal aborts or the stream closes. Changes
   * that come fast may be seen as one.
   * @throws {TooManyStreams} at once.
   */
  subscribe(id: OrderId, gone: AbortSignal): AsyncIterable<Order>;
  /** An order changed here: its subscribers need not wait for the next poll. */
  notifyChanged(id: string): void;
  /** Ends all subscriptions. */
  close(): void;
}

export interface OrderStreamOptions {
  readonly orders: OrderRepository;
  /** Between two polls: as late as another replica's change may be seen. */
  readonly waitForNextPoll: () => Promise<void>;
  readonly log: Pick<EventLog, 'warn'>;
  readonly maxSubscribers?: number;
}

interface Subscriber {
  readonly id: OrderId;
  seen: number | undefined;
  wake(): void;
}

/** Each costs a socket and some kilobytes; all together cost one query a poll. */
const MAX_SUBSCRIBERS = 5_000;

export function createOrderStream({
  orders,
  waitForNextPoll,
  log,
  maxSubscribers = MAX_SUBSCRIBERS,
}: OrderStreamOptions): OrderStream {
  const subscribers = new Set<Subscriber>();
  const closing = new AbortController();
  let isPolling = false;

  async function pollWhileSubscribed(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    while (subscribers.size > 0) {
      await waitForNextPoll();
      await poll().catch((error: unknown) => log.warn(orderStreamPollFailed, { error }));
    }
    isPolling = false;
  }

  async function poll(): Promise<void> {
    const seqs = await orders.findSeqs([...new Set([...subscribers].map(({ id }) => id))]);
    for (const subscriber of subscribers) if (seqs.get(subscriber.id) !== subscriber.seen) subscriber.wake();
  }

  async function* versionsOf(id: OrderId, gone: AbortSignal): AsyncGenerator<Order> {
    const end = AbortSignal.any([gone, closing.signal]);
    const subscriber: Subscriber = { id, seen: undefined, wake: () => undefined };
    const wake = () => subscriber.wake();
    end.addEventListener('abort', wake);
    subscribers.add(subscriber);
    void pollWhileSubscribed();
    try {
      while (!end.aborted) {
        const { promise: woken, resolve } = Promise.withResolvers<void>();
        subscriber.wake = resolve;
        const order = await orders.findById(id);
        if (order === null) return;
        if (order.seq !== subscriber.seen) yield order;
        subscriber.seen = order.seq;
        if (isTerminal(order)) return;
        if (!end.aborted) await woken;
      }
    } finally {
      subscribers.delete(subscriber);
      end.removeEventListener('abort', wake);
    }
  }

  return {
    subscribe: (id, gone) => {
      if (subscribers.size >= maxSubscribers) throw new TooManyStreams();
      return versionsOf(id, gone);
    },
    notifyChanged: (id) => {
      for (const subscriber of subscribers) if (subscriber.id === id) subscriber.wake();
    },
    close: () => closing.abort(),
  };
}

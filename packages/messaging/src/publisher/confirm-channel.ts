import type { ConfirmChannel, Message, Options } from 'amqplib';
import { isChannelClosed } from '../connection/channel-closed.ts';
import { BrokerUnavailable } from './publisher.errors.ts';

export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish & { readonly messageId: string };
}

/** Whether the broker routed the message to a queue. */
export type RoutingResult = 'routed' | 'unrouted';

/** A confirm channel with its unconfirmed messages. */
export interface PublisherConfirms {
  /** Sends in the order of the calls. Resolves when the broker has confirmed the message. */
  publish(message: OutgoingMessage): Promise<RoutingResult>;
  /** Rejects all unconfirmed messages and stops the timer, after the channel has closed. */
  close(reason: string): void;
}

export interface PublisherConfirmsOptions {
  readonly channel: ConfirmChannel;
  /** Maximum number of unconfirmed messages; others wait in a queue. */
  readonly maxInFlight: number;
  readonly confirmTimeoutMs: number;
  /** Called when a confirm is overdue. */
  readonly onTimeout: () => void;
}

/** The message does not fit into AMQP's frames, so no other attempt can succeed. */
export class Unsendable extends Error {
  constructor(cause: unknown) {
    super(`The message cannot be sent: ${Error.isError(cause) ? cause.message : String(cause)}`, { cause });
    this.name = 'Unsendable';
  }
}

interface PendingConfirm {
  readonly message: OutgoingMessage;
  readonly resolve: (routing: RoutingResult) => void;
  readonly reject: (error: Error) => void;
  sentAt: number;
  returned: boolean;
}

/** Pipelines confirms: no message waits for the confirm of another, and a slow broker causes back-pressure. */
export function createPublisherConfirms(options: PublisherConfirmsOptions): PublisherConfirms {
  const { channel, maxInFlight, confirmTimeoutMs, onTimeout } = options;
  const waiting: PendingConfirm[] = [];
  /** In the order of sending. */
  const inFlight = new Set<PendingConfirm>();
  let full = false;
  let closed: string | undefined;
  let clock: NodeJS.Timeout | undefined;

  function flush() {
    while (!full && inFlight.size < maxInFlight) {
      const next = waiting.shift();
      if (next === undefined) return;
      send(next);
    }
  }

  function send(pending: PendingConfirm) {
    const { exchange, routingKey, content, properties } = pending.message;
    const publication = { ...properties, persistent: true, mandatory: true };
    pending.sentAt = performance.now();
    inFlight.add(pending);
    try {
      full = !channel.publish(exchange, routingKey, content, publication, (error: unknown) =>
        settle(pending, error),
      );
    } catch (error) {
      settle(pending, isChannelClosed(error) ? error : new Unsendable(error));
    }
    clock ??= setTimeout(checkClock, confirmTimeoutMs).unref();
  }

  function settle(pending: PendingConfirm, error: unknown) {
    if (!inFlight.delete(pending)) return;
    if (error === null || error === undefined) pending.resolve(pending.returned ? 'unrouted' : 'routed');
    else pending.reject(error instanceof Unsendable ? error : toBrokerUnavailable(error));
    flush();
  }

  /** One timer for all messages: the oldest one is due first. */
  function checkClock() {
    clock = undefined;
    const [oldest] = inFlight;
    if (oldest === undefined || closed !== undefined) return;
    const left = oldest.sentAt + confirmTimeoutMs - performance.now();
    if (left > 0) {
      clock = setTimeout(checkClock, left).unref();
      return;
    }
    onTimeout();
  }

  /**
   * A `basic.return` arrives before the message's confirm and has no delivery tag, so it belongs to the oldest
   * message with this id.
   */
  function returned({ fields, properties }: Message) {
    for (const pending of inFlight) {
      const { message } = pending;
      if (pending.returned || message.properties.messageId !== properties.messageId) continue;
      if (message.routingKey !== fields.routingKey || message.exchange !== fields.exchange) continue;
      pending.returned = true;
      return;
    }
  }

  channel.on('return', returned);
  channel.on('drain', () => {
    full = false;
    flush();
  });
  return {
    publish: (message) =>
      new Promise((resolve, reject) => {
        if (closed !== undefined) {
          reject(toBrokerUnavailable(closed));
          return;
        }
        waiting.push({ message, resolve, reject, sentAt: 0, returned: false });
        flush();
      }),
    close: (reason) => {
      closed ??= reason;
      clearTimeout(clock);
      for (const pending of [...inFlight, ...waiting.splice(0)]) pending.reject(toBrokerUnavailable(reason));
      inFlight.clear();
    },
  };
}

function toBrokerUnavailable(cause: unknown): BrokerUnavailable {
  const reason = Error.isError(cause) ? cause.message : String(cause);
  return new BrokerUnavailable(`The broker did not confirm the message: ${reason}.`, {
    reason: 'broker_unconfirmed',
    ownDependency: 'rabbitmq',
    cause,
  });
}

import { retryQueue } from './retry-queues.ts';
import { deadLetterQueue, type ConsumedQueue, type Topology } from './topology.ts';

/** One exchange, queue or binding to declare. */
export type TopologyDeclaration =
  | { readonly kind: 'exchange'; readonly name: string }
  | { readonly kind: 'queue'; readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
  | { readonly kind: 'binding'; readonly queue: string; readonly exchange: string; readonly key: string };

/**
 * The number of deliveries without an acknowledgement (the consumer died) after which the broker itself dead-letters
 * a message. RabbitMQ 4's default; 3.10 has none.
 */
const DELIVERY_LIMIT = 20;

/**
 * Reading a dead letter returns it to its queue, which RabbitMQ 4 allows 20 times by default. 3.10 has no value for
 * "unlimited".
 */
const ANY_NUMBER = 1_000_000_000;

/** In the order of declaration: a queue comes before its bindings, and its dead-letter queue before both. */
export function toDeclarations({ publishes, consumes }: Topology): TopologyDeclaration[] {
  const exchanges = new Set([...publishes, ...consumes.map(({ exchange }) => exchange)]);
  return [...exchangeDeclarations(exchanges), ...consumes.flatMap(queueDeclarations)];
}

export function exchangeDeclarations(names: Iterable<string>): TopologyDeclaration[] {
  return [...names].map((name) => ({ kind: 'exchange', name }));
}

/** One consumer's queue with its retry queues, its dead-letter queue and its bindings. */
export function queueDeclarations({
  queue,
  exchange,
  keys,
  retryAfterMs,
}: ConsumedQueue): TopologyDeclaration[] {
  return [
    quorumQueue(deadLetterQueue(queue), { 'x-delivery-limit': ANY_NUMBER }),
    ...retryAfterMs.map((delay) =>
      quorumQueue(retryQueue(queue, delay), { 'x-message-ttl': delay, ...deadLetterArguments(queue) }),
    ),
    quorumQueue(queue, {
      'x-delivery-limit': DELIVERY_LIMIT,
      ...deadLetterArguments(deadLetterQueue(queue)),
    }),
    ...keys.map((key): TopologyDeclaration => ({ kind: 'binding', queue, exchange, key })),
  ];
}

function quorumQueue(name: string, more: Readonly<Record<string, unknown>>): TopologyDeclaration {
  return { kind: 'queue', name, arguments: { 'x-queue-type': 'quorum', ...more } };
}

/**
 * Dead-letters to exactly this queue, through the default exchange, even if other queues had the event as well.
 * At-least-once: a message leaves only when the other queue has confirmed it; this strategy requires the overflow
 * `reject-publish`.
 */
function deadLetterArguments(queue: string) {
  return {
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}

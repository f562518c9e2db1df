import { retryQueue } from './retry-queues.ts';
import { deadLetterQueue, type ConsumedQueue, type Topology } from './topology.ts';

/** One thing to declare on a broker. */
export type TopologyDeclaration =
  | { readonly kind: 'exchange'; readonly name: string }
  | { readonly kind: 'queue'; readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
  | { readonly kind: 'binding'; readonly queue: string; readonly exchange: string; readonly key: string };

/**
 * How often a message may come back unacknowledged (its consumer died on it) before the broker itself puts
 * it among the dead. RabbitMQ 4's default, which 3.10 lacks.
 */
const DELIVERY_LIMIT = 20;

/** Looking at a dead letter returns it; RabbitMQ 4 would drop it after the 20th look. 3.10 knows no "never". */
const ANY_NUMBER = 1_000_000_000;

/** In the order in which to declare it: a queue is bound only when what it fails over to is there. */
export function toDeclarations({ publishes, consumes }: Topology): TopologyDeclaration[] {
  const exchanges = new Set([...publishes, ...consumes.map(({ exchange }) => exchange)]);
  return [...exchangeDeclarations(exchanges), ...consumes.flatMap(queueDeclarations)];
}

export function exchangeDeclarations(names: Iterable<string>): TopologyDeclaration[] {
  return [...names].map((name) => ({ kind: 'exchange', name }));
}

/** One consumer's queue, those beside it, and its bindings. */
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
 * To one queue only, by the default exchange, however many queues had the event first. At least once: a
 * message leaves only when the other queue has confirmed it, which asks for the overflow named here.
 */
function deadLetterArguments(queue: string) {
  return {
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}

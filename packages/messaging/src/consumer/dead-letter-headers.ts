import type { ConsumeMessage, MessageProperties, Options } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { redact } from '@plaza/service-kit';

/** Plaza's headers of retried and dead messages. `x-death` and similar ones are RabbitMQ's. */
export const DEAD_LETTER_HEADERS = {
  /** The number of failed attempts. */
  retries: 'x-retries',
  /** The exchange of the first publication: a retry arrives through the default exchange. */
  exchange: 'x-origin-exchange',
  routingKey: 'x-origin-routing-key',
  reason: 'x-dead-reason',
  problem: 'x-dead-problem',
  stack: 'x-dead-stack',
  /** ISO 8601. */
  at: 'x-dead-at',
} as const;

/** Maximum lengths of header values: amqplib's frame for headers has 64 kB. */
const PROBLEM_CHARS = 2_000;
const STACK_CHARS = 8_000;

export interface MessageOrigin {
  readonly retries: number;
  readonly exchange: string;
  readonly routingKey: string;
}

/** The origin of a message by its headers. They come from outside, so an invalid value counts as absent. */
export function parseOrigin({ fields, properties }: ConsumeMessage): MessageOrigin {
  const retries: unknown = properties.headers?.[DEAD_LETTER_HEADERS.retries];
  const exchange: unknown = properties.headers?.[DEAD_LETTER_HEADERS.exchange];
  const routingKey: unknown = properties.headers?.[DEAD_LETTER_HEADERS.routingKey];
  return {
    retries: typeof retries === 'number' && Number.isInteger(retries) && retries > 0 ? retries : 0,
    exchange: typeof exchange === 'string' ? exchange : fields.exchange,
    routingKey: typeof routingKey === 'string' ? routingKey : fields.routingKey,
  };
}

export interface DeadLetterCause {
  readonly reason: string;
  readonly error: unknown;
}

/** The headers with the cause, redacted as in a log. */
export function toFailureHeaders({ reason, error }: DeadLetterCause, now: Date): Record<string, string> {
  const problem = Error.isError(error) ? `${error.name}: ${error.message}` : String(error);
  const stack = Error.isError(error) ? error.stack : undefined;
  return {
    [DEAD_LETTER_HEADERS.reason]: reason,
    [DEAD_LETTER_HEADERS.problem]: String(redact(problem)).slice(0, PROBLEM_CHARS),
    ...(stack === undefined
      ? {}
      : { [DEAD_LETTER_HEADERS.stack]: String(redact(stack)).slice(0, STACK_CHARS) }),
    [DEAD_LETTER_HEADERS.at]: now.toISOString(),
  };
}

/** Headers that would route a copy to other queues, or that RabbitMQ and Plaza set again. */
const NOT_PASSED_ON =
  /^(CC|BCC|x-death|x-first-death-.*|x-last-death-.*|x-delivery-count|x-dead-.*|x-retries|x-origin-.*)$/;

/**
 * The properties for a copy of a message. They leave out the expiration, which would drop the copy from its new
 * queue, and the user id, which the broker accepts only from that user.
 */
export function toRepublishProperties(
  properties: MessageProperties,
  headers: Readonly<Record<string, unknown>>,
): Options.Publish & { readonly messageId: string } {
  const kept = Object.entries(properties.headers ?? {}).filter(([name]) => !NOT_PASSED_ON.test(name));
  const passed = Object.entries(properties).filter(
    ([name, value]) => value !== undefined && PASSED_ON.has(name),
  );
  const messageId: unknown = properties.messageId;
  return {
    ...Object.fromEntries(passed),
    messageId: typeof messageId === 'string' ? messageId : randomUUID(),
    headers: { ...Object.fromEntries(kept), ...headers },
  };
}

const PASSED_ON = new Set([
  'contentType',
  'contentEncoding',
  'priority',
  'correlationId',
  'replyTo',
  'timestamp',
  'type',
  'appId',
]);

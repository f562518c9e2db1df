import { setTimeout as wait } from 'node:timers/promises';
import type { ConsumeMessage } from 'amqplib';
import { backoffDelay, withContext, type Logger, type Outages } from '@plaza/service-kit';
import { TRACEPARENT } from '../envelope.ts';
import type { MessagingMetrics } from '../metrics.ts';
import { Unsendable } from '../publisher/confirms.ts';
import type { Publisher } from '../publisher/publisher.ts';
import { deadQueue, retryQueue } from '../topology/topology.ts';
import { attemptOnce } from './attempt.ts';
import { failureHeaders, HEADERS, originOf, propertiesOf, type Failure } from './dead-letter.ts';
import { createInOrder } from './in-order.ts';
import { putAside, type Source } from './put-aside.ts';
import { readEvent, type Reading } from './read.ts';
import type { ConsumerSettings } from './settings.ts';

/**
 * What became of a message. `abandoned`: nothing, and it will come again. `unsendable`: it cannot be copied,
 * so the broker has to move it to the dead.
 */
export type Outcome = 'handled' | 'retried' | 'dead' | 'unsendable' | 'abandoned';

export interface DeliveryOptions {
  readonly settings: ConsumerSettings;
  readonly publisher: Publisher;
  readonly logger: Logger;
  readonly metrics: MessagingMetrics;
  /** Errors that say that the service's own dependency is away. */
  readonly outages: Outages;
  readonly now: () => Date;
  /** The service stops: begin nothing. */
  readonly leaving: AbortSignal;
  /** It cannot wait for handlers any longer. */
  readonly cutOff: AbortSignal;
}

type Readable = Extract<Reading, { ok: true }>;

const FIRST_MS = 200;
const MOST_MS = 5_000;

/** Takes a message all the way: reads it, runs its handler, and puts it aside where that fails. */
export function createDelivery(options: DeliveryOptions) {
  const { publisher, logger, metrics, outages, now, leaving, cutOff } = options;
  const { events, deadlineMs, declared } = options.settings;
  const { queue, retryAfterMs } = declared;
  const inOrder = createInOrder();

  async function deliver(message: ConsumeMessage, source: Source): Promise<Outcome> {
    const reading = readEvent(events, message.content);
    const type = reading.ok ? reading.event.eventType : 'unknown';
    const outcome = await (reading.ok
      ? inOrder(reading.event.aggregateId, () => inContext(message, reading, source))
      : bury(message, { reason: reading.reason, error: reading.problem }, source));
    metrics.consumed.inc({ queue, event_type: type, outcome });
    return outcome;
  }

  /** Everything that the handler logs, calls and publishes carries the request's id and the event's. */
  function inContext(message: ConsumeMessage, reading: Readable, source: Source) {
    const { correlationId, eventId } = reading.event;
    const traceparent: unknown = message.properties.headers?.[TRACEPARENT];
    const trace = typeof traceparent === 'string' ? { traceparent } : {};
    return withContext({ requestId: correlationId, causationId: eventId, ...trace }, () =>
      handle(message, reading, source),
    );
  }

  async function handle(message: ConsumeMessage, reading: Readable, source: Source): Promise<Outcome> {
    const { retries } = originOf(message);
    for (let waits = 0; source.alive() && !leaving.aborted; waits += 1) {
      try {
        await timed(reading, retries + 1);
        return 'handled';
      } catch (error) {
        if (cutOff.aborted) return 'abandoned';
        const away = awayDependency(error);
        if (away === undefined) return retryOrBury(message, reading, source, error);
        await untilLikely(away, waits, error);
      }
    }
    return 'abandoned';
  }

  async function timed({ event, run }: Readable, attempt: number): Promise<void> {
    const labels = { queue, event_type: event.eventType };
    const stopClock = metrics.handlerDuration.startTimer(labels);
    try {
      await attemptOnce({ run, attempt, deadlineMs, cutOff });
    } finally {
      stopClock();
    }
    metrics.lag.observe(labels, Math.max(0, now().getTime() - Date.parse(event.timestamp)) / 1000);
  }

  const awayDependency = (error: unknown) =>
    Object.entries(outages).find(([, isOutage]) => isOutage(error))?.[0];

  /** An outage of our own is no fault of the message's: it waits where it is, and costs none of its attempts. */
  async function untilLikely(away: string, waits: number, error: unknown): Promise<void> {
    if (waits === 0) logger.warn(`${away} is away: the event waits`, { queue, reason: String(error) });
    const pause = FIRST_MS / 2 + backoffDelay(waits, FIRST_MS, MOST_MS, Math.random);
    await wait(pause, undefined, { signal: leaving }).catch(() => undefined);
  }

  async function retryOrBury(message: ConsumeMessage, { event }: Readable, source: Source, error: unknown) {
    const { retries } = originOf(message);
    const delay = retryAfterMs[retries];
    if (delay === undefined) return bury(message, { reason: 'handler_failed', error }, source);
    const { eventType, eventId } = event;
    const about = { queue, eventType, eventId, afterMs: delay, error };
    logger.warn('a handler failed: the event is tried again', about);
    const headers = { [HEADERS.retries]: retries + 1 };
    const outcome = await sendOn(message, retryQueue(queue, delay), headers, source, 'retried');
    if (outcome === 'retried') metrics.retries.inc({ queue, event_type: eventType });
    return outcome;
  }

  async function bury(message: ConsumeMessage, failure: Failure, source: Source) {
    const { messageId, type } = message.properties;
    const { reason, error } = failure;
    logger.error('a dead letter', { queue, reason, eventId: messageId, eventType: type, error });
    const headers = { [HEADERS.retries]: originOf(message).retries, ...failureHeaders(failure, now()) };
    const outcome = await sendOn(message, deadQueue(queue), headers, source, 'dead');
    if (outcome !== 'abandoned') metrics.deadLetters.inc({ queue, reason });
    return outcome;
  }

  async function sendOn(
    message: ConsumeMessage,
    target: string,
    headers: Readonly<Record<string, unknown>>,
    source: Source,
    outcome: Outcome,
  ): Promise<Outcome> {
    const { exchange, routingKey } = originOf(message);
    const way = { [HEADERS.exchange]: exchange, [HEADERS.routingKey]: routingKey };
    const properties = propertiesOf(message.properties, { ...way, ...headers });
    try {
      const sent = await putAside({ message, queue: target, properties }, source, publisher);
      return sent ? outcome : 'abandoned';
    } catch (error) {
      if (!(error instanceof Unsendable)) throw error;
      logger.error('a message cannot be copied: the broker puts it among the dead', { queue, error });
      return 'unsendable';
    }
  }

  return deliver;
}

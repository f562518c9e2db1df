import { backoffDelay, createKeyedMutex, sleep } from '@plaza/concurrency';
import type { ConsumeMessage } from 'amqplib';
import { withContext, type Logger, type DependencyErrors } from '@plaza/service-kit';
import { TRACEPARENT } from '../envelope.ts';
import type { MessagingMetrics } from '../metrics.ts';
import { Unsendable } from '../publisher/confirm-channel.ts';
import type { Publisher } from '../publisher/publisher.ts';
import { retryQueue } from '../topology/retry-queues.ts';
import { deadLetterQueue } from '../topology/topology.ts';
import { runWithTimeout } from './handler-timeout.ts';
import {
  toFailureHeaders,
  DEAD_LETTER_HEADERS,
  parseOrigin,
  toRepublishProperties,
  type DeadLetterCause,
} from './dead-letter-headers.ts';
import { republish, type ConsumerChannel } from './republish.ts';
import { parseEvent, type EventParseResult } from './parse-event.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import {
  messageDeadLettered,
  messageRepublishFailed,
  messageRetryScheduled,
  messageWaitsForDependency,
} from '../messaging.log-events.ts';

/**
 * The outcome of a message. `abandoned`: not acknowledged, so it is delivered again. `unsendable`: it cannot be
 * copied, so the broker must dead-letter it.
 */
export type MessageOutcome = 'handled' | 'retried' | 'dead' | 'unsendable' | 'abandoned';

export interface MessageHandlerOptions {
  readonly consumer: ConsumerOptions;
  readonly publisher: Publisher;
  readonly logger: Logger;
  readonly metrics: MessagingMetrics;
  /** Tells whether an error means that a dependency of the service itself is away. */
  readonly dependencyErrors: DependencyErrors;
  readonly now: () => Date;
  /** Aborted when the service stops: no new attempt begins. */
  readonly stopSignal: AbortSignal;
  /** Aborted when the stopping service no longer waits for handlers. */
  readonly abortSignal: AbortSignal;
}

type ParsedEvent = Extract<EventParseResult, { ok: true }>;

const BACKOFF = { firstMs: 200, maxMs: 5_000 };

/**
 * Handles a message to its end: parses it, runs the handler, and after a failure copies it to the retry or
 * dead-letter queue.
 */
export function createMessageHandler(options: MessageHandlerOptions) {
  const { publisher, logger, metrics, dependencyErrors, now, stopSignal, abortSignal } = options;
  const { events, deadlineMs, queueTopology } = options.consumer;
  const { queue, retryAfterMs } = queueTopology;
  /** Events of one aggregate are handled in order. */
  const aggregates = createKeyedMutex();

  async function deliver(message: ConsumeMessage, source: ConsumerChannel): Promise<MessageOutcome> {
    const parsed = parseEvent(events, message.content);
    const type = parsed.ok ? parsed.event.eventType : 'unknown';
    const outcome = await (parsed.ok
      ? aggregates.run(parsed.event.aggregateId, () => handleInContext(message, parsed, source))
      : deadLetter(message, { reason: parsed.reason, error: parsed.problem }, source));
    metrics.consumed.inc({ queue, event_type: type, outcome });
    return outcome;
  }

  /** Logs, calls and events of the handler carry the ids of the request and of the event. */
  function handleInContext(message: ConsumeMessage, parsedEvent: ParsedEvent, source: ConsumerChannel) {
    const { correlationId, eventId } = parsedEvent.event;
    const traceparent: unknown = message.properties.headers?.[TRACEPARENT];
    const trace = typeof traceparent === 'string' ? { traceparent } : {};
    return withContext({ requestId: correlationId, causationId: eventId, ...trace }, () =>
      handle(message, parsedEvent, source),
    );
  }

  async function handle(
    message: ConsumeMessage,
    parsedEvent: ParsedEvent,
    source: ConsumerChannel,
  ): Promise<MessageOutcome> {
    const { retries } = parseOrigin(message);
    for (let waits = 0; source.isOpen() && !stopSignal.aborted; waits += 1) {
      try {
        await runTimed(parsedEvent, retries + 1);
        return 'handled';
      } catch (error) {
        if (abortSignal.aborted) return 'abandoned';
        const dependency = unavailableDependency(error);
        if (dependency === undefined) return retryOrDeadLetter(message, parsedEvent, source, error);
        await waitForDependency(dependency, waits, error);
      }
    }
    return 'abandoned';
  }

  async function runTimed({ event, run }: ParsedEvent, attempt: number): Promise<void> {
    const labels = { queue, event_type: event.eventType };
    const stopClock = metrics.handlerDuration.startTimer(labels);
    try {
      await runWithTimeout({ run, attempt, deadlineMs, abortSignal });
    } finally {
      stopClock();
    }
    metrics.lag.observe(labels, Math.max(0, now().getTime() - Date.parse(event.timestamp)) / 1000);
  }

  const unavailableDependency = (error: unknown) =>
    Object.entries(dependencyErrors).find(([, isOutage]) => isOutage(error))?.[0];

  /**
   * An outage of the service's own dependency is not the message's fault: the message waits and uses up no attempts.
   */
  async function waitForDependency(dependency: string, waits: number, error: unknown): Promise<void> {
    if (waits === 0) logger.warn(messageWaitsForDependency, { queue, dependency, reason: String(error) });
    await sleep(backoffDelay(waits, BACKOFF), { signal: stopSignal });
  }

  async function retryOrDeadLetter(
    message: ConsumeMessage,
    { event }: ParsedEvent,
    source: ConsumerChannel,
    error: unknown,
  ) {
    const { retries } = parseOrigin(message);
    const delay = retryAfterMs[retries];
    if (delay === undefined) return deadLetter(message, { reason: 'handler_failed', error }, source);
    const { eventType, eventId } = event;
    const about = { queue, eventType, eventId, afterMs: delay, error };
    logger.warn(messageRetryScheduled, about);
    const headers = { [DEAD_LETTER_HEADERS.retries]: retries + 1 };
    const outcome = await republishTo(message, retryQueue(queue, delay), headers, source, 'retried');
    if (outcome === 'retried') metrics.retries.inc({ queue, event_type: eventType });
    return outcome;
  }

  async function deadLetter(message: ConsumeMessage, failure: DeadLetterCause, source: ConsumerChannel) {
    const { messageId, type } = message.properties;
    const { reason, error } = failure;
    logger.error(messageDeadLettered, { queue, reason, eventId: messageId, eventType: type, error });
    const headers = {
      [DEAD_LETTER_HEADERS.retries]: parseOrigin(message).retries,
      ...toFailureHeaders(failure, now()),
    };
    const outcome = await republishTo(message, deadLetterQueue(queue), headers, source, 'dead');
    if (outcome !== 'abandoned') metrics.deadLetters.inc({ queue, reason });
    return outcome;
  }

  async function republishTo(
    message: ConsumeMessage,
    target: string,
    headers: Readonly<Record<string, unknown>>,
    source: ConsumerChannel,
    outcome: MessageOutcome,
  ): Promise<MessageOutcome> {
    const { exchange, routingKey } = parseOrigin(message);
    const way = { [DEAD_LETTER_HEADERS.exchange]: exchange, [DEAD_LETTER_HEADERS.routingKey]: routingKey };
    const properties = toRepublishProperties(message.properties, { ...way, ...headers });
    try {
      const sent = await republish({ message, queue: target, properties }, source, publisher);
      return sent ? outcome : 'abandoned';
    } catch (error) {
      if (!(error instanceof Unsendable)) throw error;
      logger.error(messageRepublishFailed, { queue, error });
      return 'unsendable';
    }
  }

  return deliver;
}

import { z } from 'zod';
import { envelopeSchema, type Envelope } from '../envelope.ts';
import { matchesTopic } from '../topology/topic-matcher.ts';
import type { EventConsumer, EventHandler, HandlerContext } from './event-consumer.ts';

/** The reason of a dead letter. RabbitMQ has reasons of its own, such as `delivery_limit`. */
export type DeadLetterReason = 'not_json' | 'bad_envelope' | 'unknown_event' | 'bad_data' | 'handler_failed';

export type EventParseResult =
  | {
      readonly ok: true;
      readonly event: Envelope;
      readonly run: (context: HandlerContext) => Promise<unknown>;
    }
  | { readonly ok: false; readonly reason: DeadLetterReason; readonly problem: string };

/** Parses a body as one of the events that a consumer handles. Never throws. */
export function parseEvent(events: EventConsumer['events'], body: Buffer): EventParseResult {
  const json = parseJson(body);
  if ('problem' in json) return { ok: false, reason: 'not_json', problem: json.problem };
  const { data: envelope, error } = envelopeSchema.safeParse(json.value);
  if (error !== undefined) return { ok: false, reason: 'bad_envelope', problem: z.prettifyError(error) };
  const handler = findHandler(events, envelope.eventType);
  if (handler === undefined) {
    const known = Object.keys(events).join(', ');
    const problem = `no handler for ${envelope.eventType}: this consumer reads ${known}`;
    return { ok: false, reason: 'unknown_event', problem };
  }
  const acceptance = handler.accept(envelope);
  if ('problem' in acceptance) return { ok: false, reason: 'bad_data', problem: acceptance.problem };
  return { ok: true, event: envelope, run: acceptance.run };
}

function parseJson(body: Buffer): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(body.toString()) };
  } catch (error) {
    return { problem: Error.isError(error) ? error.message : String(error) };
  }
}

function findHandler(events: EventConsumer['events'], type: string): EventHandler | undefined {
  if (Object.hasOwn(events, type)) return events[type];
  return Object.entries(events).find(([pattern]) => matchesTopic(pattern, type))?.[1];
}

import { z } from 'zod';
import type { Envelope } from '../envelope.ts';

export type DurationMs = number;

export interface HandlerContext {
  /** Aborts at the handler's deadline, and when a stopping service no longer waits for it. */
  readonly signal: AbortSignal;
  /** Starts at 1. */
  readonly attempt: number;
}

export type HandleEvent<Data> = (event: Envelope<Data>, context: HandlerContext) => Promise<unknown>;

/** A valid event with its handler, or the validation error. */
export type AcceptResult =
  { readonly run: (context: HandlerContext) => Promise<unknown> } | { readonly problem: string };

/** The handler of one event type with its schema. Made by `on`. */
export interface EventHandler {
  /** The schema of `data`, as far as this consumer reads it. */
  readonly schema: z.ZodType;
  accept(envelope: Envelope): AcceptResult;
}

/**
 * One service's consumption of one exchange.
 *
 * A message may arrive twice, and after a newer one. So a handler is one conditional write with the event's id or
 * `seq`. A process handles the events of one aggregate one after the other.
 */
export interface EventConsumer {
  readonly exchange: string;
  /** By event type. A key may be a pattern with `*` and `#`; an exact type takes precedence. */
  readonly events: Readonly<Record<string, EventHandler>>;
  /** Default `<service>.<exchange>`. */
  readonly queue?: string;
  /** The maximum number of messages handled concurrently. Default 20. */
  readonly prefetch?: number;
  /** The delays of the retries; after the last one the message becomes a dead letter. Default 1 s, 5 s, 30 s. */
  readonly retryAfterMs?: readonly DurationMs[];
  /** The maximum duration of an attempt. Default 10 s. */
  readonly deadlineMs?: DurationMs;
}

/** Makes the handler of one event type. Its `data` is the schema's output. */
export function on<Data>(schema: z.ZodType<Data>, handle: HandleEvent<Data>): EventHandler {
  return {
    schema,
    accept: (envelope) => {
      const { data, error } = schema.safeParse(envelope.data);
      if (error !== undefined) return { problem: z.prettifyError(error) };
      return { run: (context) => handle({ ...envelope, data }, context) };
    },
  };
}

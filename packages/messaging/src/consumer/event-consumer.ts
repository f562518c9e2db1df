import { z } from 'zod';
import type { Envelope } from '../envelope.ts';

export type DurationMs = number;

export interface HandlerContext {
  /** Aborts when the handler's time is up, or the service stops and cannot wait. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

export type HandleEvent<Data> = (event: Envelope<Data>, context: HandlerContext) => Promise<unknown>;

/** An event that its schema accepted, bound to its handler; or what the schema says against it. */
export type AcceptResult =
  { readonly run: (context: HandlerContext) => Promise<unknown> } | { readonly problem: string };

/** What a consumer does with one type of event. Made by `on`. */
export interface EventHandler {
  /** Of the event's `data`, as this consumer reads it. */
  readonly schema: z.ZodType;
  accept(envelope: Envelope): AcceptResult;
}

/**
 * Everything about one service's reading of one exchange, in one place.
 *
 * A message may come twice, and after a newer one: a handler is one conditional write that carries the
 * event's id or `seq`. Within a process events of one aggregate are handled one after the other.
 */
export interface EventConsumer {
  readonly exchange: string;
  /** By event type; a key may be a pattern with `*` and `#`, which the exact types go before. */
  readonly events: Readonly<Record<string, EventHandler>>;
  /** Default `<service>.<exchange>`. */
  readonly queue?: string;
  /** How many messages are handled at a time. Default 20. */
  readonly prefetch?: number;
  /** When a failed message is tried again; after the last one it is a dead letter. Default 1 s, 5 s, 30 s. */
  readonly retryAfterMs?: readonly DurationMs[];
  /** What a handler may take. Default 10 s. */
  readonly deadlineMs?: DurationMs;
}

/** The handler of one type of event: `data` is what the schema made of it. */
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

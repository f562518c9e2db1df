import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, BodyTap } from '../plugins/plugin.ts';
import type { Origin } from './origin.ts';

/** What is asked of whom, and who hears of the answer. */
export interface Call {
  /** The client's: its body is sent as it comes, unless there is another. */
  readonly request: IncomingMessage;
  /** Sent instead of the client's. */
  readonly body: Buffer | undefined;
  readonly response: ServerResponse;
  readonly origin: Origin;
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  /** All that are sent, in small letters, but for those about the connection and the body's framing. */
  readonly headers: IncomingHttpHeaders;
  readonly timers: Timers;
  /** How long its body may be, and with what the call fails where it is longer. */
  readonly bodyLimit: { readonly bytes: number; readonly error: () => Error } | undefined;
  /** The head of the answer is there, and nothing of it has been passed back. What it throws ends the call. */
  answered(answer: Answer): readonly BodyTap[];
}

/**
 * How it ended: `answered` in full; `client-gone` before that, or it stopped reading; or `broken-off` by the
 * instance in the middle of its answer, whereupon the client's connection is ended too, so that it cannot
 * take half an answer for a whole one.
 */
export type Outcome = 'answered' | 'client-gone' | 'broken-off';

/** A call whose answer has begun to pass, or whose client has gone. */
export interface Passage {
  /** Of the service's answer; undefined where the client went before it. */
  readonly status: number | undefined;
  /** Never rejects. */
  readonly ended: Promise<Outcome>;
}

/** Passes requests on and their answers back, both as streams. What carries them is a matter of who implements it. */
export interface Forwarder {
  /** Resolves with the head of the answer. @throws {ForwardFailed} where none came, and what `answered` throws. */
  forward(call: Call): Promise<Passage>;
  /** Ends all connections. */
  close(): void;
}

/** In milliseconds. */
export interface Timers {
  /** Until the connection stands. */
  readonly connect: number;
  /** From the end of the request to the headers of the answer. */
  readonly headers: number;
  /** During which nothing of an answer comes, or the client takes nothing of it. */
  readonly read: number;
  /** During which the instance takes nothing of the request's body. */
  readonly write: number;
  /** During which nothing of the request's body comes. */
  readonly client: number;
}

/**
 * Why there is no answer: the instance cannot be reached, is late, broke the connection or speaks no HTTP;
 * or the client stalled in the middle of its request.
 */
export type FailureKind = 'unreachable' | 'late' | 'broken' | 'stalled';

export class ForwardFailed extends Error {
  readonly kind: FailureKind;
  /** No connection stood: nobody saw anything of the request, and its body is still to be read. */
  readonly unsent: boolean;
  /** The request went over a kept connection that was closed under it, most likely before it came. */
  readonly crossed: boolean;

  constructor(
    kind: FailureKind,
    { unsent = false, crossed = false, cause }: { unsent?: boolean; crossed?: boolean; cause?: unknown } = {},
  ) {
    super(Error.isError(cause) ? `${kind}: ${cause.message}` : kind, { cause });
    this.name = 'ForwardFailed';
    this.kind = kind;
    this.unsent = unsent;
    this.crossed = crossed;
  }
}

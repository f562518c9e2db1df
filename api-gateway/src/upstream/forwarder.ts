import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** One instance, as a socket needs it. */
export interface Origin {
  readonly protocol: 'http:' | 'https:';
  /** An IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** What is asked of whom. */
export interface Target {
  readonly origin: Origin;
  /** Path and query, as they are sent. */
  readonly path: string;
  /** All headers that are sent, but for Host. */
  readonly headers: IncomingHttpHeaders;
}

/**
 * How it ended: `answered` in full, `client-gone` before that, or `broken-off` by the instance in the
 * middle of its answer, whereupon the client's connection is ended too, so that it cannot take half an
 * answer for a whole one.
 */
export type Outcome = 'answered' | 'client-gone' | 'broken-off';

/** Passes a request on and its answer back, both as streams. What carries them is a matter of who implements it. */
export interface Forwarder {
  /** @throws {ForwardFailed} as long as nothing of an answer has been passed back. */
  forward(request: IncomingMessage, response: ServerResponse, target: Target): Promise<Outcome>;
  /** Ends the connections that are kept. */
  close(): void;
}

/** In milliseconds. */
export interface Timers {
  /** Until the connection stands. */
  readonly connect: number;
  /** From the end of the request to the headers of the answer. */
  readonly headers: number;
  /** During which not one byte moves in either direction. */
  readonly idle: number;
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
    super(kind, { cause });
    this.name = 'ForwardFailed';
    this.kind = kind;
    this.unsent = unsent;
    this.crossed = crossed;
  }
}

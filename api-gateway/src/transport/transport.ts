import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { UpstreamResponseHead, BodyFilter } from '../plugins/api/response.ts';
import type { Origin } from './origin.ts';

/** What is asked of whom, and who hears of the answer. */
export interface TransportRequest {
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
  readonly timeouts: Timeouts;
  /** How long its body may be, and with what the call fails where it is longer. */
  readonly bodyLimit: { readonly bytes: number; readonly error: () => Error } | undefined;
  /** The head of the answer is there, and nothing of it has been passed back. What it throws ends the call. */
  onResponseHead(responseHead: UpstreamResponseHead): readonly BodyFilter[];
}

/**
 * How it ended: `answered` in full; `client-gone` before that, or it stopped reading; or `broken-off` by the
 * instance in the middle of its answer, whereupon the client's connection is ended too, so that it cannot
 * take half an answer for a whole one.
 */
export type ResponseOutcome = 'answered' | 'client-gone' | 'broken-off';

/** A call whose answer has begun to pass, or whose client has gone. */
export interface TransportResponse {
  /** Of the service's answer; undefined where the client went before it. */
  readonly status: number | undefined;
  /** Never rejects. */
  readonly ended: Promise<ResponseOutcome>;
}

/** Passes requests on and their answers back, both as streams. What carries them is a matter of who implements it. */
export interface Transport {
  /** Resolves with the head of the answer. @throws {TransportError} where none came, and what `onResponseHead` throws. */
  send(transportRequest: TransportRequest): Promise<TransportResponse>;
  /** Ends all connections. */
  close(): void;
}

/** In milliseconds. */
export interface Timeouts {
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
 * Why there is no answer: the instance cannot be reached, is late, reset the connection or speaks no HTTP;
 * or the client stalled in the middle of its request.
 */
export type TransportErrorKind = 'connect_error' | 'timeout' | 'reset' | 'client_timeout';

export class TransportError extends Error {
  readonly kind: TransportErrorKind;
  /** No connection stood: nobody saw anything of the request, and its body is still to be read. */
  readonly unsent: boolean;
  /** The request went over a kept connection that was closed under it, most likely before it came. */
  readonly staleConnection: boolean;

  constructor(
    kind: TransportErrorKind,
    {
      unsent = false,
      staleConnection = false,
      cause,
    }: { unsent?: boolean; staleConnection?: boolean; cause?: unknown } = {},
  ) {
    super(Error.isError(cause) ? `${kind}: ${cause.message}` : kind, { cause });
    this.name = 'TransportError';
    this.kind = kind;
    this.unsent = unsent;
    this.staleConnection = staleConnection;
  }
}

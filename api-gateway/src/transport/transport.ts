import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { BodyFilter, UpstreamResponseHead } from '../plugins/api/response.ts';
import type { Origin } from './origin.ts';

/** One request to one instance. */
export interface TransportRequest {
  /** The client's request. Its body is streamed, unless `body` replaces it. */
  readonly request: IncomingMessage;
  /** Replaces the client's body. */
  readonly body: Buffer | undefined;
  readonly response: ServerResponse;
  readonly origin: Origin;
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  /** All headers, names in lower case, without those of the connection and of the body's framing. */
  readonly headers: IncomingHttpHeaders;
  readonly timeouts: Timeouts;
  /** The limit for the body, and the error of the request whose body is longer. */
  readonly bodyLimit: { readonly bytes: number; readonly error: () => Error } | undefined;
}

/**
 * How a response ended: `answered` in full; `client-gone` if the client left before the end or stopped reading; or
 * `broken-off` if the instance broke it off, after which the client's connection is closed too, so that the client
 * cannot take half a response for a whole one.
 */
export type ResponseOutcome = 'answered' | 'client-gone' | 'broken-off';

/** The response of an instance. Its head has arrived, and none of it has been sent to the client. */
export interface TransportResponse {
  readonly head: UpstreamResponseHead;
  /**
   * Sends the head, then streams the body through the filters to the client. Resolves when the response has ended.
   * @throws {TransportError} at once, if Node rejects the status or a header; nothing is sent then.
   */
  stream(bodyFilters: readonly BodyFilter[]): Promise<ResponseOutcome>;
  /** Drops the response: the client gets another one. */
  discard(): void;
}

/** Sends requests to instances and streams their responses back. */
export interface Transport {
  /**
   * Resolves when the head of the response has arrived; with undefined if the client left before.
   * @throws {TransportError} if there is no response.
   */
  send(transportRequest: TransportRequest): Promise<TransportResponse | undefined>;
  /** Closes all connections. */
  close(): void;
}

/** In milliseconds. */
export interface Timeouts {
  /** Until the connection is established. */
  readonly connect: number;
  /** From the end of the request to the headers of the response. */
  readonly headers: number;
  /** Without a byte of the response from the instance, or without the client reading one. */
  readonly read: number;
  /** Without the instance reading a byte of the request's body. */
  readonly write: number;
  /** Without a byte of the request's body from the client. */
  readonly client: number;
}

/**
 * Why there is no response: the instance cannot be connected to, is late, or reset the connection or sent something
 * that is not HTTP; or the client stopped sending its body.
 */
export type TransportErrorKind = 'connect_error' | 'timeout' | 'reset' | 'client_timeout';

export class TransportError extends Error {
  readonly kind: TransportErrorKind;
  /** There was no connection: the instance got no byte of the request, and the client's body is unread. */
  readonly unsent: boolean;
  /** The instance closed a kept-alive connection while the request was written to it. */
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

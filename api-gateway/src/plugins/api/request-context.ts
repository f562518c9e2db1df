import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { Request, Response } from 'express';
import type { ConsumerInfo, EndpointInfo, RouteInfo, ServiceInfo } from './entities.ts';
import type { ResponseHeaders, UpstreamResponseHead } from './response.ts';

/** Names are in lower case. */
export type UpstreamHeaders = IncomingHttpHeaders;

/** Groups of the route's regular expression: the named ones, and all by number from 1. */
export type UriCaptures = Readonly<Record<string, string>>;

/** The state of one request that matched a route. Created once and changed in place: this is the hot path. */
export interface RequestContext {
  readonly request: Request;
  readonly response: Response;
  readonly route: RouteInfo;
  readonly service: ServiceInfo | undefined;
  readonly requestId: string;
  readonly clientAddress: string;
  /** The normalised path that the router matched. */
  readonly path: string;
  readonly captures: UriCaptures;
  /** The part that the gateway cut off the path (`strip_path`); empty if none. */
  readonly prefix: string;

  // The upstream request. Plugins change it here.
  upstreamPath: string;
  /** Starts with `?`; empty if there is no query. */
  upstreamQuery: string;
  method: string;
  /** Without hop-by-hop headers, and without client values of headers that only the gateway may set. */
  readonly headers: UpstreamHeaders;
  /** Replaces the client's body, which a plugin has read. Set `content-length` together with it. */
  body: Buffer | undefined;

  /** The limit for a body without Content-Length, and the error for a longer one. */
  bodyLimit: { readonly bytes: number; readonly error: () => PlazaError } | undefined;

  // Authentication.
  caller: Caller;
  /** Why authentication failed. Sent only after rate-limiting has counted the request. */
  authError: PlazaError | undefined;
  consumer: ConsumerInfo | undefined;
  /** Identifies the credential: the id of a key or token, never the secret. */
  credential: string | undefined;

  /** Headers that the gateway adds to the response, whether the service, a plugin or the gateway sends it. */
  readonly responseHeaders: ResponseHeaders;

  // The result.
  endpoint: EndpointInfo | undefined;
  /** URL of the instance that failed before the request was sent to `endpoint`. */
  firstAttemptUrl: string | undefined;
  responseSource: 'upstream' | 'gateway' | 'cache';
  /** The upstream response's head, once plugins have changed it. */
  upstreamResponse: UpstreamResponseHead | undefined;
  /** These three are values of `performance.now()`; undefined if the step did not happen. */
  readonly startedAt: number;
  forwardedAt: number | undefined;
  respondedAt: number | undefined;
}

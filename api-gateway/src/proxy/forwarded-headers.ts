import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '@plaza/service-kit';
import type { Request } from 'express';
import { connectionHeaderNames, HOP_BY_HOP } from '../transport/headers.ts';

/** Whom a request comes from and what it asked, as far as TRUSTED_PROXIES vouch for it. */
export interface ClientConnection {
  /** At the other end of the connection; empty where that has gone. */
  readonly remote: string;
  /** The client's first, then those of proxies that are trusted; empty where none is. */
  readonly addresses: readonly string[];
  readonly host: string;
  readonly protocol: 'http' | 'https';
}

/** Express works each of these out anew whenever it is read. */
export function clientConnection(request: Request): ClientConnection {
  const { ips, host, protocol, socket } = request;
  return {
    remote: socket.remoteAddress ?? '',
    addresses: ips,
    host,
    protocol: protocol === 'https' ? 'https' : 'http',
  };
}

export interface ForwardingContext {
  readonly requestId: string;
  readonly client: ClientConnection;
  /** What was cut off the path; empty where nothing was. */
  readonly prefix: string;
}

/** Only the gateway may say these; `expect` was answered by Node when the request came. */
const RESERVED_HEADERS =
  /^(?:x-(?:user|consumer|credential)-.*|x-anonymous-consumer|x-forwarded-.*|forwarded|x-real-ip|x-request-id|expect|host|.*_.*)$/;

const VIA_PSEUDONYM = '1.1 plaza-gateway';

/**
 * The headers that a service gets to see: the client's, without what is hop-by-hop, without what speaks of
 * identity or of proxies, without names in underscores (some frameworks read X_User_Id as X-User-Id); and
 * the gateway's own.
 */
export function createForwardedHeaders(
  request: Request,
  { requestId, client, prefix }: ForwardingContext,
): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  const named = connectionHeaderNames(request.headers.connection);
  for (const name of Object.keys(request.headers)) {
    if (!HOP_BY_HOP.has(name) && !RESERVED_HEADERS.test(name) && !named.has(name))
      headers[name] = request.headers[name];
  }
  headers.via = headers.via === undefined ? VIA_PSEUDONYM : `${headers.via}, ${VIA_PSEUDONYM}`;
  headers['x-request-id'] = requestId;
  const { remote, addresses, host, protocol } = client;
  const last = remote === '' ? 'unknown' : remote;
  headers['x-forwarded-for'] = addresses.length === 0 ? last : [...addresses, last].join(', ');
  headers['x-forwarded-proto'] = protocol;
  headers['x-forwarded-host'] = host;
  headers['x-forwarded-port'] = forwardedPort(request, client);
  if (prefix !== '') headers['x-forwarded-prefix'] = prefix;
  return headers;
}

/** Tells the service who is signed in, once that is verified. */
export function setUserIdHeader(headers: IncomingHttpHeaders, caller: Caller): void {
  if (caller.kind === 'user' && /^[\w.:@|-]{1,128}$/.test(caller.userId))
    headers['x-user-id'] = caller.userId;
}

/** The port that the client asked: a trusted proxy knows it, else its Host says so. */
function forwardedPort(request: Request, { addresses, host, protocol }: ClientConnection): string {
  const told = addresses.length > 0 ? request.get('x-forwarded-port') : undefined;
  if (told !== undefined && /^\d{1,5}$/.test(told)) return told;
  return /:(\d{1,5})$/.exec(host)?.[1] ?? (protocol === 'https' ? '443' : '80');
}

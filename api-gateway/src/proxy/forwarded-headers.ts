import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '@plaza/service-kit';
import type { Request } from 'express';
import { connectionHeaderNames, HOP_BY_HOP } from '../transport/headers.ts';

/** The client's address, host and protocol, as far as TRUSTED_PROXIES allow to trust the headers. */
export interface ClientConnection {
  /** The address at the other end of the connection; empty if it is closed. */
  readonly remote: string;
  /** The client's address first, then those of trusted proxies; empty without a trusted proxy. */
  readonly addresses: readonly string[];
  readonly host: string;
  readonly protocol: 'http' | 'https';
}

/** Express computes each of these at every read: read them once. */
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
  /** The part that the gateway cut off the path (`strip_path`); empty if none. */
  readonly prefix: string;
}

/** Headers that only the gateway may set. Node has already answered `expect`. */
const RESERVED_HEADERS =
  /^(?:x-(?:user|consumer|credential)-.*|x-anonymous-consumer|x-forwarded-.*|forwarded|x-real-ip|x-request-id|expect|host|.*_.*)$/;

const VIA_PSEUDONYM = '1.1 plaza-gateway';

/**
 * The headers for the service: the client's, without hop-by-hop headers, without those about identity and
 * proxies, and without names with underscores (some frameworks read X_User_Id as X-User-Id); plus the gateway's
 * own.
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

/** Adds the id of the authenticated user. */
export function setUserIdHeader(headers: IncomingHttpHeaders, caller: Caller): void {
  if (caller.kind === 'user' && /^[\w.:@|-]{1,128}$/.test(caller.userId))
    headers['x-user-id'] = caller.userId;
}

/** The port that the client used: from a trusted proxy's header, else from Host. */
function forwardedPort(request: Request, { addresses, host, protocol }: ClientConnection): string {
  const told = addresses.length > 0 ? request.get('x-forwarded-port') : undefined;
  if (told !== undefined && /^\d{1,5}$/.test(told)) return told;
  return /:(\d{1,5})$/.exec(host)?.[1] ?? (protocol === 'https' ? '443' : '80');
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '@plaza/service-kit';
import type { Request } from 'express';
import { connectionNames, HOP_BY_HOP } from './hop-by-hop.ts';

export interface Forwarding {
  readonly requestId: string;
  /** What was cut off the path; empty where nothing was. */
  readonly prefix: string;
}

/** Only the gateway may say these; `expect` was answered by Node when the request came. */
const OURS =
  /^(?:x-(?:user|consumer|credential)-.*|x-anonymous-consumer|x-forwarded-.*|forwarded|x-real-ip|x-request-id|expect|host|.*_.*)$/;

const PSEUDONYM = '1.1 plaza-gateway';

/**
 * The headers that a service gets to see: the client's, without what is hop-by-hop, without what speaks of
 * identity or of proxies, without names in underscores (some frameworks read X_User_Id as X-User-Id); and
 * the gateway's own.
 */
export function forwardedHeaders(request: Request, { requestId, prefix }: Forwarding): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  const named = connectionNames(request.headers.connection);
  for (const name of Object.keys(request.headers)) {
    if (!HOP_BY_HOP.has(name) && !OURS.test(name) && !named.has(name)) headers[name] = request.headers[name];
  }
  headers.via = headers.via === undefined ? PSEUDONYM : `${headers.via}, ${PSEUDONYM}`;
  headers['x-request-id'] = requestId;
  // Each of these three is worked out anew by Express whenever it is read.
  const { ips, host, protocol } = request;
  const remote = request.socket.remoteAddress ?? 'unknown';
  headers['x-forwarded-for'] = ips.length === 0 ? remote : [...ips, remote].join(', ');
  headers['x-forwarded-proto'] = protocol === 'https' ? 'https' : 'http';
  headers['x-forwarded-host'] = host;
  headers['x-forwarded-port'] = portOf(request, { behindProxy: ips.length > 0, host, protocol });
  if (prefix !== '') headers['x-forwarded-prefix'] = prefix;
  return headers;
}

/** Tells the service who is signed in, once that is verified. */
export function tellCaller(headers: IncomingHttpHeaders, caller: Caller): void {
  if (caller.kind === 'user' && /^[\w.:@|-]{1,128}$/.test(caller.userId))
    headers['x-user-id'] = caller.userId;
}

/** The port that the client asked: a trusted proxy knows it, else its Host says so. */
function portOf(
  request: Request,
  { behindProxy, host, protocol }: { behindProxy: boolean; host: string; protocol: string },
): string {
  const told = behindProxy ? request.get('x-forwarded-port') : undefined;
  if (told !== undefined && /^\d{1,5}$/.test(told)) return told;
  return /:(\d{1,5})$/.exec(host)?.[1] ?? (protocol === 'https' ? '443' : '80');
}

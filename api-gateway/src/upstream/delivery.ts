import type { Request, Response } from 'express';
import { RequestTimeout } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { Visit } from '../plugins/plugin.ts';
import { ForwardFailed, type Forwarder, type Outcome } from './forwarder.ts';
import { tellCaller } from './request-headers.ts';
import { BadGateway, GatewayTimeout, NoInstance } from './upstream.errors.ts';
import type { Peer, Upstream } from './upstreams.ts';

/** Safe to send twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Hands a request to an instance and its answer to the client. Another instance is asked, once, where the
 * first cannot have seen anything of the request; and where it most likely has not, if the method is
 * idempotent and there is no body (what was read of one cannot be read again).
 * @throws {NoInstance} {BadGateway} {GatewayTimeout} {RequestTimeout}
 */
export async function deliver(forwarder: Forwarder, upstream: Upstream, visit: Visit): Promise<void> {
  const { request, response, headers } = visit;
  const path = visit.upstreamPath + visit.upstreamQuery;
  tellCaller(headers, visit.caller);
  const send = async (peer: Peer): Promise<Outcome> => {
    note(response, { upstream: peer.url });
    return forwarder.forward(request, response, { path, headers, origin: peer.origin });
  };
  const first = upstream.pick();
  if (first === undefined) throw new NoInstance(upstream.name);
  let peer = first;
  try {
    const outcome = await send(first).catch((failure: unknown) => {
      const second = instead(request, failure, first, upstream);
      if (second === undefined) throw failure;
      peer = second;
      note(response, { retried: first.url });
      return send(second);
    });
    if (outcome === 'broken-off') breakOff(response);
  } catch (failure) {
    if (!(failure instanceof ForwardFailed)) throw failure;
    if (!request.complete) response.set('Connection', 'close');
    throw explain(failure, upstream, peer);
  }
}

/** Whom to ask instead, if anybody. A kept connection that was closed says nothing against its instance. */
function instead(request: Request, failure: unknown, peer: Peer, upstream: Upstream): Peer | undefined {
  if (!(failure instanceof ForwardFailed)) return undefined;
  if (failure.unsent) return upstream.pick(peer);
  return failure.crossed && mayComeTwice(request) ? (upstream.pick(peer) ?? peer) : undefined;
}

function mayComeTwice({ method, headers }: Request): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return IDEMPOTENT.has(method) && length === '0' && encoding === undefined;
}

function explain(failure: ForwardFailed, upstream: Upstream, peer: Peer): PlazaError {
  const { name } = upstream;
  switch (failure.kind) {
    case 'unreachable':
      return peer.fallback
        ? new NoInstance(name, { cause: failure })
        : new BadGateway(`${name} does not take connections.`, { cause: failure });
    case 'broken':
      return new BadGateway(`${name} broke off before it answered.`, { cause: failure });
    case 'late':
      return new GatewayTimeout(
        failure.unsent ? `${name} did not take the connection in time.` : `${name} did not answer in time.`,
        { cause: failure },
      );
    case 'stalled':
      return new RequestTimeout('The body of the request stopped coming.', { cause: failure });
  }
}

/** More for the line in the log that this response gets. */
function note(response: Response, facts: Readonly<Record<string, string>>): void {
  response.locals['log'] = { ...response.locals['log'], ...facts };
}

function breakOff(response: Response): void {
  response.locals['brokenOff'] = true;
  note(response, { brokenOff: 'the service ended its answer too early' });
}

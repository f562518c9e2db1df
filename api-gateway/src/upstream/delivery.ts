import type { Request, Response } from 'express';
import { RequestTimeout } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import { ForwardFailed, type Forwarder, type Outcome, type Target } from './forwarder.ts';
import { BadGateway, GatewayTimeout, NoInstance } from './upstream.errors.ts';
import type { Peer, Upstream } from './upstreams.ts';

/** Safe to send twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Hands a request to an instance and its answer to the client. Where the instance cannot have acted on it,
 * another one is asked, once, if the method is idempotent and there is no body (what was read of a body
 * cannot be read again).
 * @throws {NoInstance} {BadGateway} {GatewayTimeout} {RequestTimeout}
 */
export async function deliver(
  forwarder: Forwarder,
  upstream: Upstream,
  { request, response }: { request: Request; response: Response },
  what: Omit<Target, 'origin'>,
): Promise<void> {
  const send = async (peer: Peer): Promise<Outcome> => {
    note(response, { upstream: peer.url });
    return forwarder.forward(request, response, { ...what, origin: peer.origin });
  };
  const first = upstream.pick();
  if (first === undefined) throw new NoInstance(upstream.name);
  let peer = first;
  try {
    const outcome = await send(first).catch((failure: unknown) => {
      const second = mayRepeat(request, failure) ? anotherThan(first, upstream, failure) : undefined;
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

function mayRepeat(request: Request, failure: unknown): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  return (
    failure instanceof ForwardFailed &&
    failure.unheard &&
    IDEMPOTENT.has(request.method) &&
    length === '0' &&
    encoding === undefined
  );
}

/** A connection that was closed while it was idle says nothing against its instance. */
function anotherThan(peer: Peer, upstream: Upstream, failure: unknown): Peer | undefined {
  const onlyClosed = failure instanceof ForwardFailed && failure.kind === 'broken';
  return upstream.pick(peer) ?? (onlyClosed ? peer : undefined);
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
        failure.unheard ? `${name} did not take the connection in time.` : `${name} did not answer in time.`,
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

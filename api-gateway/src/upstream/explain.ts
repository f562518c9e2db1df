import { RequestTimeout } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { ForwardFailed } from './forwarder.ts';
import type { Peer } from './peer.ts';
import { BadGateway, GatewayTimeout, NoInstance } from './upstream.errors.ts';

/** What a client is told of a failure. */
export function explain(cause: ForwardFailed, upstream: string, peer: Peer | undefined): PlazaError {
  switch (cause.kind) {
    case 'unreachable':
      return peer?.fallback === true
        ? new NoInstance(upstream, { cause })
        : new BadGateway(`${upstream} does not take connections.`, { cause });
    case 'broken':
      return new BadGateway(`${upstream} broke off before it answered.`, { cause });
    case 'late':
      return new GatewayTimeout(
        cause.unsent
          ? `${upstream} did not take the connection in time.`
          : `${upstream} did not answer in time.`,
        { cause },
      );
    case 'stalled':
      return new RequestTimeout('The body of the request stopped coming.', { cause });
  }
}

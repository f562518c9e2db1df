import { RequestTimeout } from '@plaza/service-kit';
import { TransportError } from '../transport/transport.ts';
import type { EndpointInfo } from '../plugins/api/entities.ts';
import { BadGateway, GatewayTimeout, NoInstance } from '../transport/upstream.errors.ts';

/** The error that the client gets for a transport's error; any other error unchanged. */
export function toProblem(cause: unknown, upstream: string, endpoint: EndpointInfo | undefined): unknown {
  if (!(cause instanceof TransportError)) return cause;
  switch (cause.kind) {
    case 'connect_error':
      return endpoint?.fallback === true
        ? new NoInstance(upstream, { reason: 'connect_refused', cause })
        : new BadGateway(`${upstream} does not take connections.`, { reason: 'connect_refused', cause });
    case 'reset':
      return new BadGateway(`${upstream} broke off before it answered.`, {
        reason: 'connection_reset',
        cause,
      });
    case 'timeout':
      return new GatewayTimeout(
        cause.unsent
          ? `${upstream} did not take the connection in time.`
          : `${upstream} did not answer in time.`,
        { reason: cause.unsent ? 'connect_timeout' : 'response_timeout', cause },
      );
    case 'client_timeout':
      return new RequestTimeout('The body of the request stopped coming.', { cause });
  }
}

import { RequestTimeout } from '@plaza/service-kit';
import type { PlazaError } from '@plaza/errors';
import type { TransportError } from '../transport/transport.ts';
import type { Endpoint } from '../balancer/endpoint.ts';
import { BadGateway, GatewayTimeout, NoInstance } from '../transport/upstream.errors.ts';

/** What a client is told of a failure. */
export function toProblem(
  cause: TransportError,
  upstream: string,
  endpoint: Endpoint | undefined,
): PlazaError {
  switch (cause.kind) {
    case 'connect_error':
      return endpoint?.fallback === true
        ? new NoInstance(upstream, { cause })
        : new BadGateway(`${upstream} does not take connections.`, { cause });
    case 'reset':
      return new BadGateway(`${upstream} broke off before it answered.`, { cause });
    case 'timeout':
      return new GatewayTimeout(
        cause.unsent
          ? `${upstream} did not take the connection in time.`
          : `${upstream} did not answer in time.`,
        { cause },
      );
    case 'client_timeout':
      return new RequestTimeout('The body of the request stopped coming.', { cause });
  }
}

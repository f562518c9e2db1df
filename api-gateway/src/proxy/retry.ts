import { isIdempotentMethod, type AttemptFailure } from '@plaza/resilience';
import type { Endpoint } from '../balancer/endpoint.ts';
import type { Upstream } from '../balancer/upstream.ts';
import { TransportError } from '../transport/transport.ts';
import type { ProxyRequestContext } from './request-context.ts';

/**
 * The instance for a second attempt, decided by the policy that all clients share (`@plaza/resilience`); undefined if
 * the error is final, and for a service with `retries: 0`.
 */
export function chooseRetryEndpoint(
  error: unknown,
  context: ProxyRequestContext,
  { retryPolicy, pick }: Upstream,
  first: Endpoint,
  hashKey: string | undefined,
): Endpoint | undefined {
  if (context.service?.retries === 0 || !(error instanceof TransportError)) return undefined;
  const failure = toAttemptFailure(error);
  if (failure === undefined) return undefined;
  return retryPolicy.chooseRetryInstance(failure, isRepeatable(context), first, (except) =>
    pick(hashKey, except),
  );
}

/** Undefined if the client is the cause. */
function toAttemptFailure({ kind, unsent, staleConnection }: TransportError): AttemptFailure | undefined {
  if (unsent) return { kind: 'unsent', staleConnection };
  return kind === 'reset' || kind === 'timeout' ? { kind, staleConnection } : undefined;
}

/** Idempotent and without a body: the part of a body that was read cannot be read again. */
function isRepeatable({ method, request: { headers } }: ProxyRequestContext): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return isIdempotentMethod(method) && length === '0' && encoding === undefined;
}

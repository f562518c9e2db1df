import type { UnavailableReason } from '@plaza/errors';
import type { FailureReason } from '../outlier-detection/host-status.ts';
import type { ServiceInstance } from '@plaza/discovery';
import { isUnavailableStatus, type AttemptFailure, type RetryPolicy } from '@plaza/resilience';
import type { ServiceTokens } from '@plaza/service-kit';
import { isIdempotent, type ServiceResponse, type ServiceRequest } from './service-request.ts';
import type { InstanceSelector } from './instance-selector.ts';
import { NoInstanceKnown, UpstreamUnavailable } from './client.errors.ts';
import { createRequestHeaders } from './request-headers.ts';
import type { AttemptResult } from './attempt-result.ts';
import type { RequestAttempt } from './attempt.ts';

export interface RetryingRequestOptions {
  readonly upstream: string;
  /** Why no instance can be selected. */
  readonly emptyReason: () => UnavailableReason;
  readonly selectInstance: InstanceSelector;
  readonly attempt: RequestAttempt;
  readonly retryPolicy: RetryPolicy;
  readonly serviceTokens: Pick<ServiceTokens, 'issue'>;
  /** Milliseconds until the signal that is handed in aborts. */
  readonly timeoutMs: number;
  /** A signal that aborts after so many milliseconds. */
  readonly createTimeoutSignal: (milliseconds: number) => AbortSignal;
}

/** Makes a call at one instance, and where that is worth it at a second. @throws {UpstreamUnavailable} {NoInstanceKnown} */
export type RetryingRequest = (call: ServiceRequest, signal: AbortSignal) => Promise<ServiceResponse>;

export function createRetryingRequest(options: RetryingRequestOptions): RetryingRequest {
  const { upstream, selectInstance, attempt, retryPolicy, serviceTokens, timeoutMs, createTimeoutSignal } =
    options;

  /** The first try gets half of the time where a second one may follow. */
  function firstAttemptSignal(
    call: ServiceRequest,
    first: ServiceInstance,
    signal: AbortSignal,
  ): AbortSignal {
    if (!isIdempotent(call) || selectInstance(first) === undefined) return signal;
    return AbortSignal.any([signal, createTimeoutSignal(timeoutMs / 2)]);
  }

  function retryInstance(
    call: ServiceRequest,
    first: ServiceInstance,
    result: AttemptResult,
  ): ServiceInstance | undefined {
    const failure = toAttemptFailure(result);
    if (failure === undefined) return undefined;
    return retryPolicy.chooseRetryInstance(failure, isIdempotent(call), first, selectInstance);
  }

  return async (call, signal) => {
    const headers = await createRequestHeaders(call.as, serviceTokens);
    const first = selectInstance();
    if (first === undefined)
      throw new NoInstanceKnown(`No instance of ${upstream} is known.`, {
        reason: options.emptyReason(),
        dependency: upstream,
      });
    retryPolicy.onFirstAttempt();
    const result = await attempt(first, call, { headers, signal: firstAttemptSignal(call, first, signal) });
    const second = signal.aborted ? undefined : retryInstance(call, first, result);
    return toServiceResponse(upstream, second === undefined ? result : await attempt(second, call, { headers, signal })); // prettier-ignore
  };
}

/** Undefined where the instance answered, and no other would answer better. */
function toAttemptFailure(result: AttemptResult): AttemptFailure | undefined {
  if (result.kind === 'answered') {
    const unavailable = isUnavailableStatus(result.response.status);
    return unavailable ? { kind: 'unavailable', staleConnection: false } : undefined;
  }
  const { kind, notSent, staleConnection } = result;
  if (notSent) return { kind: 'unsent', staleConnection };
  return { kind: kind === 'late' ? 'timeout' : 'reset', staleConnection };
}

const FAILURE_REASONS: Readonly<Record<FailureReason, UnavailableReason>> = {
  refused: 'connect_refused',
  late: 'response_timeout',
  broken: 'connection_reset',
  error: 'error_response',
};

/** @throws {UpstreamUnavailable} */
function toServiceResponse(upstream: string, result: AttemptResult): ServiceResponse {
  if (result.kind !== 'answered') {
    const { error } = result;
    const reason = Error.isError(error) ? error.message : String(error);
    throw new UpstreamUnavailable(`${upstream} cannot be asked: ${reason}.`, {
      reason: FAILURE_REASONS[result.kind],
      dependency: upstream,
      cause: error,
    });
  }
  const { status, data, headers } = result.response;
  if (isFinalStatus(status)) return { status, data };
  const retryAfter = Number(headers['retry-after']);
  throw new UpstreamUnavailable(`${upstream} answers ${status}.`, {
    reason: 'error_response',
    dependency: upstream,
    ...(retryAfter > 0 ? { retryAfter } : {}),
  });
}

const TOO_MANY_REQUESTS = 429;

/** A redirect is not final: our services send none. */
function isFinalStatus(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS);
}

import type { FailureReason } from '@plaza/service-client';
import { UNAVAILABLE_SERVICE } from '@plaza/service-kit';
import type { PassiveHealthcheck } from '../kong-config/model/entities.ts';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';
import { TransportError } from '../transport/transport.ts';

type EjectionThresholds = Readonly<Partial<Record<FailureReason, number>>>;

/**
 * How many failures of a kind in a row eject an instance; 0 in the file means never. A trial request readmits
 * it, so Kong's `successes` are not counted.
 */
export function toEjectionThresholds({ unhealthy }: PassiveHealthcheck): EjectionThresholds {
  const { tcpFailures, httpFailures, timeouts } = unhealthy;
  const tcp = tcpFailures || Infinity;
  return { refused: tcp, broken: tcp, error: httpFailures || Infinity, late: timeouts || Infinity };
}

export function arePassiveChecksOff(passive: PassiveHealthcheck | undefined): boolean {
  if (passive === undefined) return false;
  const { tcpFailures, httpFailures, timeouts } = passive.unhealthy;
  return tcpFailures === 0 && httpFailures === 0 && timeouts === 0;
}

/** Whether a status shows that an instance is healthy (true), unhealthy (false), or neither (undefined). */
export type StatusClassifier = (status: number) => boolean | undefined;

/** As the file configures it; by default every 5xx is unhealthy and any other status healthy. */
export function createStatusClassifier(passive: PassiveHealthcheck | undefined): StatusClassifier {
  if (passive === undefined) return (status) => status < 500;
  const { healthy, unhealthy } = passive;
  return (status) => {
    if (unhealthy.httpStatuses.has(status)) return false;
    return healthy.httpStatuses.has(status) ? true : undefined;
  };
}

/** Whether an error is the fault of the service. */
export function isServiceFailure(error: unknown): boolean {
  return error instanceof TransportError;
}

/**
 * Whether a response shows that the service is unavailable. A 500 does not: it is a defect of one route, and
 * the other routes of the service still work.
 */
export function isUnavailableResponse(response: unknown): boolean {
  if (typeof response !== 'object' || response === null || !('status' in response)) return false;
  return typeof response.status === 'number' && isUnavailableStatus(response.status);
}

/**
 * The status that a response counts as. A 503 that names another, unavailable service counts as 200: the
 * service itself is healthy.
 */
export function effectiveStatus({ status, headers }: UpstreamResponseHead): number {
  return status === 503 && headers.has(UNAVAILABLE_SERVICE) ? 200 : status;
}

/** Statuses of an unavailable service. */
export function isUnavailableStatus(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Whether the outcome shows nothing about the service: the client left or stopped sending, or the instance
 * closed a kept-alive connection meanwhile.
 */
export function isNeutral(outcome: unknown): boolean {
  if (outcome instanceof TransportError) return outcome.staleConnection || outcome.kind === 'client_timeout';
  if (typeof outcome !== 'object' || outcome === null || !('status' in outcome)) return false;
  return outcome.status === undefined;
}

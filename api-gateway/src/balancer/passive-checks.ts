import type { FailureReason } from '@plaza/service-client';
import { UNAVAILABLE_SERVICE } from '@plaza/service-kit';
import type { PassiveHealthcheck } from '../kong-config/model/entities.ts';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';
import { TransportError } from '../transport/transport.ts';

type EjectionThresholds = Readonly<Partial<Record<FailureReason, number>>>;

/**
 * How many failures of a kind in a row eject an instance: 0 for never. A trial readmits it, so Kong's `successes` need no counting.
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

/** Whether a status speaks for an instance (true), against it (false) or neither. */
export type StatusClassifier = (status: number) => boolean | undefined;

/** What the file says; else every 5xx speaks against it and all else for it. */
export function createStatusClassifier(passive: PassiveHealthcheck | undefined): StatusClassifier {
  if (passive === undefined) return (status) => status < 500;
  const { healthy, unhealthy } = passive;
  return (status) => {
    if (unhealthy.httpStatuses.has(status)) return false;
    return healthy.httpStatuses.has(status) ? true : undefined;
  };
}

/** Whether a failure is the service's. */
export function isServiceFailure(error: unknown): boolean {
  return error instanceof TransportError;
}

/**
 * Whether an answer says that the service cannot answer. A 500 does not: that is a defect in one of its
 * routes, and what else it serves must not pay for it.
 */
export function isUnavailableResponse(response: unknown): boolean {
  if (typeof response !== 'object' || response === null || !('status' in response)) return false;
  return typeof response.status === 'number' && isUnavailableStatus(response.status);
}

/**
 * The status that an answer counts as: who says that another service is away is well, and goes on to answer
 * what does not need that one.
 */
export function effectiveStatus({ status, headers }: UpstreamResponseHead): number {
  return status === 503 && headers.has(UNAVAILABLE_SERVICE) ? 200 : status;
}

/** Of a service that cannot answer. */
export function isUnavailableStatus(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Whether a call did not come to show how the service is: its client went away or stopped in its body, or it
 * crossed the end of a kept connection.
 */
export function isNeutral(outcome: unknown): boolean {
  if (outcome instanceof TransportError) return outcome.staleConnection || outcome.kind === 'client_timeout';
  if (typeof outcome !== 'object' || outcome === null || !('status' in outcome)) return false;
  return outcome.status === undefined;
}

import type { Failure } from '@plaza/discovery';
import { UNAVAILABLE_SERVICE } from '@plaza/service-kit';
import type { PassiveHealthcheck } from '../declaration/declaration.ts';
import type { Answer } from '../plugins/plugin.ts';
import { ForwardFailed } from './forwarder.ts';

type Thresholds = Readonly<Partial<Record<Failure, number>>>;

/**
 * How many failures of a kind in a row eject an instance: 0 for never. A trial readmits it, so Kong's `successes` need no counting.
 */
export function thresholdsOf({ unhealthy }: PassiveHealthcheck): Thresholds {
  const { tcpFailures, httpFailures, timeouts } = unhealthy;
  const tcp = tcpFailures || Infinity;
  return { refused: tcp, broken: tcp, error: httpFailures || Infinity, late: timeouts || Infinity };
}

export function isOff(passive: PassiveHealthcheck | undefined): boolean {
  if (passive === undefined) return false;
  const { tcpFailures, httpFailures, timeouts } = passive.unhealthy;
  return tcpFailures === 0 && httpFailures === 0 && timeouts === 0;
}

/** Whether a status speaks for an instance (true), against it (false) or neither. */
export type Verdict = (status: number) => boolean | undefined;

/** What the file says; else every 5xx speaks against it and all else for it. */
export function verdictBy(passive: PassiveHealthcheck | undefined): Verdict {
  if (passive === undefined) return (status) => status < 500;
  const { healthy, unhealthy } = passive;
  return (status) => {
    if (unhealthy.httpStatuses.has(status)) return false;
    return healthy.httpStatuses.has(status) ? true : undefined;
  };
}

/** Whether a failure is the service's. */
export function speaksAgainstService(error: unknown): boolean {
  return error instanceof ForwardFailed;
}

/**
 * Whether an answer says that the service cannot answer. A 500 does not: that is a defect in one of its
 * routes, and what else it serves must not pay for it.
 */
export function cannotAnswer(passage: unknown): boolean {
  if (typeof passage !== 'object' || passage === null || !('status' in passage)) return false;
  return typeof passage.status === 'number' && isNoAnswer(passage.status);
}

/**
 * The status by which an answer is judged: who says that another service is away is well, and goes on to answer
 * what does not need that one.
 */
export function judgedStatus({ status, headers }: Answer): number {
  return status === 503 && headers.has(UNAVAILABLE_SERVICE) ? 200 : status;
}

/** Of a service that cannot answer. */
export function isNoAnswer(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Whether a call did not come to show how the service is: its client went away or stopped in its body, or it
 * crossed the end of a kept connection.
 */
export function saysNothing(outcome: unknown): boolean {
  if (outcome instanceof ForwardFailed) return outcome.crossed || outcome.kind === 'stalled';
  if (typeof outcome !== 'object' || outcome === null || !('status' in outcome)) return false;
  return outcome.status === undefined;
}

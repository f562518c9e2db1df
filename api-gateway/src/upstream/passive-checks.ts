import type { Failure } from '@plaza/discovery';
import type { PassiveHealthcheck } from '../declaration/declaration.ts';
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

/** Whether a failure speaks against the service as a whole, and not against the client. */
export function speaksAgainstService(error: unknown): boolean {
  return error instanceof ForwardFailed && error.kind !== 'stalled';
}

/**
 * Whether an answer says that the service cannot answer. A 500 does not: that is a defect in one of its
 * routes, and what else it serves must not pay for it.
 */
export function cannotAnswer(passage: unknown): boolean {
  if (typeof passage !== 'object' || passage === null || !('status' in passage)) return false;
  return passage.status === 502 || passage.status === 503 || passage.status === 504;
}

/** Whether the client's fault kept a call from showing how the service is: it went away, or stopped in its body. */
export function clientLeft(outcome: unknown): boolean {
  if (outcome instanceof ForwardFailed) return outcome.kind === 'stalled';
  if (typeof outcome !== 'object' || outcome === null || !('status' in outcome)) return false;
  return outcome.status === undefined;
}

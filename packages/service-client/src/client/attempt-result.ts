import { isAxiosError, type AxiosResponse } from 'axios';
import type { FailureReason } from '../outlier-detection/host-status.ts';

/** What a try came to. */
export type AttemptResult = AnsweredAttempt | FailedAttempt;

export interface AnsweredAttempt {
  readonly kind: 'answered';
  readonly response: AxiosResponse<unknown>;
}

export interface FailedAttempt {
  readonly kind: FailureReason;
  readonly error: unknown;
  /** No connection stood, so nothing of the call was seen. */
  readonly notSent: boolean;
  /** A kept connection was closed as the call was written: this says nothing against the instance. */
  readonly staleConnection: boolean;
}

/** @param timedOut whether the try was given up because its time had passed. */
export function toFailedAttempt(error: unknown, timedOut: boolean): FailedAttempt {
  if (timedOut) return { kind: 'late', error, notSent: false, staleConnection: false };
  const causes = collectCauses(error);
  const notSent = causes.some(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo');
  const has = (code: string) => causes.some((cause) => cause.code === code);
  if (notSent) return { kind: toFailureReason(has), error, notSent, staleConnection: false };
  const staleConnection = (has('ECONNRESET') || has('EPIPE')) && isReusedSocket(error);
  return { kind: 'broken', error, notSent, staleConnection };
}

function toFailureReason(has: (code: string) => boolean): FailureReason {
  if (has('ECONNREFUSED')) return 'refused';
  return has('ETIMEDOUT') ? 'late' : 'broken';
}

/** axios hands on what Node threw as a cause, and Node tells of each address of a name. */
function collectCauses(error: unknown): NodeJS.ErrnoException[] {
  if (!Error.isError(error)) return [];
  const several = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [error, ...collectCauses(error.cause), ...several.flatMap(collectCauses)];
}

function isReusedSocket(error: unknown): boolean {
  if (!isAxiosError(error)) return false;
  const request: unknown = error.request;
  return typeof request === 'object' && request !== null && 'reusedSocket' in request && request.reusedSocket === true; // prettier-ignore
}

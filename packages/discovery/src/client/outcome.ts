import { isAxiosError, type AxiosResponse } from 'axios';
import type { Failure } from '../ejection/standing.ts';

/** What a try came to. */
export type Outcome = Answered | Failed;

export interface Answered {
  readonly kind: 'answered';
  readonly response: AxiosResponse<unknown>;
}

export interface Failed {
  readonly kind: Failure;
  readonly error: unknown;
  /** No connection stood, so nothing of the call was seen. */
  readonly unsent: boolean;
  /** A kept connection was closed as the call was written: this says nothing against the instance. */
  readonly crossed: boolean;
}

/** @param late whether the try was given up because its time had passed. */
export function failedBy(error: unknown, late: boolean): Failed {
  if (late) return { kind: 'late', error, unsent: false, crossed: false };
  const causes = causesOf(error);
  const unsent = causes.some(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo');
  const has = (code: string) => causes.some((cause) => cause.code === code);
  if (unsent) return { kind: kindOf(has), error, unsent, crossed: false };
  const crossed = (has('ECONNRESET') || has('EPIPE')) && wasKept(error);
  return { kind: 'broken', error, unsent, crossed };
}

function kindOf(has: (code: string) => boolean): Failure {
  if (has('ECONNREFUSED')) return 'refused';
  return has('ETIMEDOUT') ? 'late' : 'broken';
}

/** axios hands on what Node threw as a cause, and Node tells of each address of a name. */
function causesOf(error: unknown): NodeJS.ErrnoException[] {
  if (!Error.isError(error)) return [];
  const several = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [error, ...causesOf(error.cause), ...several.flatMap(causesOf)];
}

function wasKept(error: unknown): boolean {
  if (!isAxiosError(error)) return false;
  const request: unknown = error.request;
  return typeof request === 'object' && request !== null && 'reusedSocket' in request && request.reusedSocket === true; // prettier-ignore
}

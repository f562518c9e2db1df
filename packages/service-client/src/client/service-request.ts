import { isIdempotentMethod } from '@plaza/resilience';

/** What is asked of another service. */
export interface ServiceRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, each part of it encoded: it begins with a slash. */
  readonly path: string;
  readonly data?: object;
  /** The token that is sent: this service's; that of the current request (this service's where it has none); or none. */
  readonly as: 'service' | 'caller' | 'anonymous';
  /** Whether it may be made twice. Default: what RFC 9110 (9.2.2) says of the method. */
  readonly idempotent?: boolean;
}

/** A success, or the caller's mistake: 2xx or 4xx. */
export interface ServiceResponse {
  readonly status: number;
  /** Parsed where it is JSON, else its text. */
  readonly data: unknown;
}

export function isIdempotent({ method, idempotent = isIdempotentMethod(method) }: ServiceRequest): boolean {
  return idempotent;
}

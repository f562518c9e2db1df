import type { UnavailableReason } from './unavailable-reason.ts';

/** What went wrong, in the terms of the domain. HTTP statuses are made from it in one place only. */
export type ErrorKind =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'unprocessable'
  | 'too-many'
  | 'unavailable';

/** One thing wrong with the input: `path` is dotted (`items.0.quantity`), empty for the whole. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** What to show field by field. */
  readonly fields?: readonly FieldError[];
  /** After how many seconds another try makes sense. */
  readonly retryAfter?: number;
  /** The service that is away, where it is another one than the one that says so. */
  readonly dependency?: string;
  /** Why the request cannot be served: all errors of kind `unavailable` but defects have it. */
  readonly reason?: UnavailableReason;
  /** A server of this service's own that is down (its database): in the body, but not in X-Unavailable-Service. */
  readonly ownDependency?: string;
  /** Machine-readable facts that are safe to show to the caller. */
  readonly extensions?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/**
 * The root of every error that Plaza throws on purpose. A subclass states its `kind`, a stable `code`
 * (snake_case, never reused: clients switch on it) and a `title` that is the same for every occurrence.
 */
export abstract class PlazaError extends Error {
  static readonly kind: ErrorKind;
  static readonly code: string;
  static readonly title: string;
  /** What has happened, for docs/errors.md. */
  static readonly cause: string;
  /** What the caller or the operator can do. */
  static readonly remedy: string;

  readonly kind: ErrorKind;
  readonly code: string;
  readonly title: string;
  readonly details: ErrorDetails;

  constructor(message?: string, details: ErrorDetails = {}) {
    super(message ?? new.target.title, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.kind = new.target.kind;
    this.code = new.target.code;
    this.title = new.target.title;
    this.details = details;
  }
}

/**
 * Whether a value is one of ours. By shape and not by `instanceof`: two copies of this package, or two
 * realms (a test runner's), must not make an error a stranger.
 */
export function isPlazaError(value: unknown): value is PlazaError {
  return Error.isError(value) && 'kind' in value && 'code' in value && 'title' in value && 'details' in value;
}

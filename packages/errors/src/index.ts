export { UNAVAILABLE_REASONS } from './unavailable-reason.ts';
export type { UnavailableReason } from './unavailable-reason.ts';
export { isPlazaError, PlazaError } from './plaza-error.ts';
export type { ErrorDetails, ErrorKind, FieldError } from './plaza-error.ts';
export {
  Conflict,
  Forbidden,
  Invalid,
  NotFound,
  TooManyRequests,
  Unauthorized,
  Unavailable,
  Unprocessable,
} from './base.errors.ts';
export type { UnavailableDetails } from './base.errors.ts';
export { logEvent } from './log-event.ts';
export type { EventLog, LogEvent, LogFields, LogLevel } from './log-event.ts';

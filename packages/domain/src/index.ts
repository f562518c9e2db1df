export { changed, unchanged } from './change.ts';
export type { Change, DomainEvent } from './change.ts';
export { retryOnConflict, updateWithRetry } from './update-with-retry.ts';
export type { RetryOnConflictOptions, UpdateWithRetryOptions } from './update-with-retry.ts';

export { changed, unchanged } from './change.ts';
export type { Change, DomainEvent } from './change.ts';

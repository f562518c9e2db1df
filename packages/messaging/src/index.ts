export { addOutbox, createOutbox } from './outbox/outbox.ts';
export type { At, Outbox, Outboxed, OutboxOptions, Update } from './outbox/outbox.ts';
export type { OutboxEntry } from './outbox/entry.ts';

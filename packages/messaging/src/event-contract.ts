import type { DomainEvent } from '@plaza/domain';
import type { z } from 'zod';

/** The contract of one event type. */
export interface PublishedEvent {
  /** A sentence: what has happened. */
  readonly summary: string;
  /** The schema of `data`. A new field is compatible; a removed one needs a new schemaVersion. */
  readonly data: z.ZodType;
  readonly example: object;
}

/**
 * The events that a service publishes to one exchange. Documentation is generated from it, and tests compare real
 * events with it. It has every event type of the domain, and no other.
 */
export interface EventContract<Event extends DomainEvent = DomainEvent> {
  readonly exchange: string;
  readonly source: string;
  readonly events: Readonly<Record<Event['eventType'], PublishedEvent>>;
}

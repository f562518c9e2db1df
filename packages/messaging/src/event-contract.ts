import type { DomainEvent } from '@plaza/domain';
import type { z } from 'zod';

/** What one type of event promises to its readers. */
export interface PublishedEvent {
  /** What has happened when it comes, in a sentence. */
  readonly summary: string;
  /** The shape of `data`. Fields may be added to it; taking one away is a new schemaVersion. */
  readonly data: z.ZodType;
  readonly example: object;
}

/**
 * What a service publishes to one exchange: documentation is made from it, and tests hold real events to it.
 * Every type of the domain's events must be there, and no other.
 */
export interface EventContract<Event extends DomainEvent = DomainEvent> {
  readonly exchange: string;
  readonly source: string;
  readonly events: Readonly<Record<Event['eventType'], PublishedEvent>>;
}

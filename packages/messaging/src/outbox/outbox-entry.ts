import type { DomainEvent } from '@plaza/domain';
import { currentContext } from '@plaza/service-kit';
import type { Envelope } from '../envelope.ts';

/** An event in its aggregate's document, until the broker has confirmed it. */
export interface OutboxEntry {
  readonly eventId: string;
  readonly eventType: string;
  /** The aggregate's sequence number with this event: it rises within an aggregate and may have gaps. */
  readonly seq: number;
  readonly occurredAt: Date;
  /** The version of the schema of `data`; absent for the first. */
  readonly schemaVersion?: number;
  readonly data: object;
  /** The request that caused the event. */
  readonly context: {
    readonly correlationId: string;
    /** The event whose handler caused this one. */
    readonly causationId?: string;
    readonly traceparent?: string;
  };
}

export interface OutboxEntryOptions {
  readonly now: () => Date;
  readonly newId: () => string;
  /** By event type, the versions of `data` that are not the first. */
  readonly schemaVersions: Readonly<Record<string, number>>;
}

/** The entries of events, numbered from `lastSeq` on. */
export function createOutboxEntries(
  events: readonly DomainEvent[],
  lastSeq: number,
  { now, newId, schemaVersions }: OutboxEntryOptions,
): OutboxEntry[] {
  const request = currentContext();
  const context = {
    correlationId: request?.requestId ?? newId(),
    ...(request?.causationId === undefined ? {} : { causationId: request.causationId }),
    ...(request?.traceparent === undefined ? {} : { traceparent: request.traceparent }),
  };
  return events.map(({ eventType, data }, index) => {
    const schemaVersion = schemaVersions[eventType];
    return {
      eventId: newId(),
      eventType,
      seq: lastSeq + index + 1,
      occurredAt: now(),
      ...(schemaVersion === undefined ? {} : { schemaVersion }),
      data,
      context,
    };
  });
}

/** The published body of an entry. */
export function toEnvelope(entry: OutboxEntry, aggregateId: string, source: string): Envelope {
  const { eventId, eventType, seq, occurredAt, schemaVersion = 1, data, context } = entry;
  return {
    eventId,
    eventType,
    timestamp: occurredAt.toISOString(),
    aggregateId,
    seq,
    source,
    correlationId: context.correlationId,
    ...(context.causationId === undefined ? {} : { causationId: context.causationId }),
    schemaVersion,
    data,
  };
}

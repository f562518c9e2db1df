import type { DomainEvent } from '@plaza/domain';
import { currentContext } from '@plaza/service-kit';

/** An event as it waits in its aggregate's own document until the broker has confirmed it. */
export interface OutboxEntry {
  readonly eventId: string;
  readonly eventType: string;
  /** The aggregate's sequence number with this event: it rises within one aggregate, and may skip. */
  readonly seq: number;
  readonly occurredAt: Date;
  readonly data: object;
  /** What ties the event to the request that caused it. */
  readonly context: {
    readonly correlationId: string;
    /** The event whose handling caused this one. */
    readonly causationId?: string;
    readonly traceparent?: string;
  };
}

export interface EntryOptions {
  readonly now: () => Date;
  readonly newId: () => string;
}

/** The entries of some events that follow `lastSeq`, in order. */
export function entriesFor(
  events: readonly DomainEvent[],
  lastSeq: number,
  { now, newId }: EntryOptions,
): OutboxEntry[] {
  const request = currentContext();
  const context = {
    correlationId: request?.requestId ?? newId(),
    ...(request?.causationId === undefined ? {} : { causationId: request.causationId }),
    ...(request?.traceparent === undefined ? {} : { traceparent: request.traceparent }),
  };
  return events.map(({ eventType, data }, index) => ({
    eventId: newId(),
    eventType,
    seq: lastSeq + index + 1,
    occurredAt: now(),
    data,
    context,
  }));
}

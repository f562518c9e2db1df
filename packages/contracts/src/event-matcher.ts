import { anyText, integer } from './matchers.ts';

/** ISO 8601 in UTC or with an offset. */
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/;

/** An event as every consumer reads it, around the data that one of them reads. */
export function eventLike(type: string, seq: number, data: object): object {
  return {
    eventId: anyText('5f0c6f0e-5b0e-4f0e-9d55-0c8a4f6f2f3b'),
    eventType: type,
    timestamp: anyText('2026-01-01T00:00:00.000Z', INSTANT),
    aggregateId: anyText('123'),
    seq: integer(seq),
    source: anyText('a-service'),
    correlationId: anyText('a request'),
    schemaVersion: integer(1),
    data,
  };
}

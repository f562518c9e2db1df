import { withContext } from '@plaza/service-kit';
import { runWithTimeout } from './handler-timeout.ts';
import type { EventConsumer } from './event-consumer.ts';
import { parseEvent } from './parse-event.ts';

/** The consumer would dead-letter this body at once. */
export class EventRejected extends Error {
  constructor(reason: string, problem: string) {
    super(`${reason}: ${problem}`);
    this.name = 'EventRejected';
  }
}

/**
 * Delivers a body to a consumer once, without a broker: for tests of a consumer and of its contracts.
 * @throws {EventRejected} if it would become a dead letter at once; the handler's error.
 */
export async function deliverTestEvent(
  { events, deadlineMs = 10_000 }: EventConsumer,
  body: unknown,
): Promise<void> {
  const parsed = parseEvent(events, Buffer.from(JSON.stringify(body)));
  if (!parsed.ok) throw new EventRejected(parsed.reason, parsed.problem);
  const { correlationId, eventId } = parsed.event;
  const { run } = parsed;
  const abortSignal = new AbortController().signal;
  await withContext({ requestId: correlationId, causationId: eventId }, () =>
    runWithTimeout({ run, attempt: 1, deadlineMs, abortSignal }),
  );
}

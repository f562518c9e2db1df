import { withContext } from '@plaza/service-kit';
import { runWithTimeout } from './handler-timeout.ts';
import type { EventConsumer } from './event-consumer.ts';
import { parseEvent } from './parse-event.ts';

/** A body that no handler of the consumer takes. */
export class EventRejected extends Error {
  constructor(reason: string, problem: string) {
    super(`${reason}: ${problem}`);
    this.name = 'EventRejected';
  }
}

/**
 * Hands a body to a consumer as the broker would, once and without one: for tests of a consumer and of its
 * contracts.
 * @throws {EventRejected} where it would be a dead letter at once; whatever the handler throws.
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

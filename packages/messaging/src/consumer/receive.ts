import { withContext } from '@plaza/service-kit';
import { attemptOnce } from './attempt.ts';
import type { Consumer } from './consumer.ts';
import { readEvent } from './read.ts';

/** A body that no handler of the consumer takes. */
export class EventRefused extends Error {
  constructor(reason: string, problem: string) {
    super(`${reason}: ${problem}`);
    this.name = 'EventRefused';
  }
}

/**
 * Hands a body to a consumer as the broker would, once and without one: for tests of a consumer and of its
 * contracts.
 * @throws {EventRefused} where it would be a dead letter at once; whatever the handler throws.
 */
export async function receiveEvent({ events, deadlineMs = 10_000 }: Consumer, body: unknown): Promise<void> {
  const reading = readEvent(events, Buffer.from(JSON.stringify(body)));
  if (!reading.ok) throw new EventRefused(reading.reason, reading.problem);
  const { correlationId, eventId } = reading.event;
  const { run } = reading;
  const cutOff = new AbortController().signal;
  await withContext({ requestId: correlationId, causationId: eventId }, () =>
    attemptOnce({ run, attempt: 1, deadlineMs, cutOff }),
  );
}

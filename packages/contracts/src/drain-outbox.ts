import { toEnvelope, type Envelope, type Outbox, type EventContract } from '@plaza/messaging';

/** More than any test leaves in an outbox. */
const MAX_DOCUMENTS = 100;

/** What waits in an outbox, taken out of it and put into envelopes as its relay does it. */
export async function drainOutbox(
  outbox: Outbox,
  { source }: Pick<EventContract, 'source'>,
): Promise<Envelope[]> {
  const claimed = await outbox.store.claim(new Date(), MAX_DOCUMENTS, []);
  for (const { id, entries } of claimed) await outbox.store.markConfirmed(id, entries.at(-1)?.seq ?? 0);
  return claimed.flatMap(({ id, entries }) => entries.map((entry) => toEnvelope(entry, id, source)));
}

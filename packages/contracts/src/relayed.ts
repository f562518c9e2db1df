import { envelopeOf, type Envelope, type Outbox, type Published } from '@plaza/messaging';

/** More than any test leaves in an outbox. */
const MOST = 100;

/** What waits in an outbox, taken out of it and put into envelopes as its relay does it. */
export async function relayed(outbox: Outbox, { source }: Pick<Published, 'source'>): Promise<Envelope[]> {
  const { waiting } = outbox;
  const claimed = await waiting.claim(new Date(), MOST, []);
  for (const { id, entries } of claimed) await waiting.confirmed(id, entries.at(-1)?.seq ?? 0);
  return claimed.flatMap(({ id, entries }) => entries.map((entry) => envelopeOf(entry, id, source)));
}

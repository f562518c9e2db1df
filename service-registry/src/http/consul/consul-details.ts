import { z } from 'zod';
import type { ProtocolDetails, Instance } from '../../domain/instance.ts';
import { taggedAddresses, weights } from './health-entry.schemas.ts';

/** What was registered through Consul's API and only its clients read. */
const consulDetails = z.object({
  /** As it was given: empty for whoever left it out. */
  address: z.string(),
  weights,
  taggedAddresses,
  enableTagOverride: z.boolean(),
  /** By check. */
  notes: z.record(z.string(), z.string()),
});

export type ConsulDetails = z.output<typeof consulDetails>;

const notesSchema = consulDetails.pick({ notes: true }).partial();

/** The details with more notes than they have. */
export function addNotes(details: ProtocolDetails, notes: Readonly<Record<string, string>>): ProtocolDetails {
  const has = notesSchema.safeParse(details).data?.notes ?? {};
  return { ...details, notes: { ...notes, ...has } };
}

/** undefined where the instance was registered by another protocol. */
export function parseConsulDetails({ protocol, details }: Instance): ConsulDetails | undefined {
  return protocol === 'consul' ? consulDetails.safeParse(details).data : undefined;
}

import { z } from 'zod';
import type { ProtocolDetails, Instance } from '../../domain/instance.ts';
import { taggedAddresses, weights } from './health-entry.schemas.ts';

/** Data of an instance registered through Consul's API that only its clients read. */
const consulDetails = z.object({
  /** As declared; empty if it was not. */
  address: z.string(),
  weights,
  taggedAddresses,
  enableTagOverride: z.boolean(),
  /** By check id. */
  notes: z.record(z.string(), z.string()),
});

export type ConsulDetails = z.output<typeof consulDetails>;

const notesSchema = consulDetails.pick({ notes: true }).partial();

/** The details with additional notes. */
export function addNotes(details: ProtocolDetails, notes: Readonly<Record<string, string>>): ProtocolDetails {
  const has = notesSchema.safeParse(details).data?.notes ?? {};
  return { ...details, notes: { ...notes, ...has } };
}

/** Undefined for an instance of another protocol. */
export function parseConsulDetails({ protocol, details }: Instance): ConsulDetails | undefined {
  return protocol === 'consul' ? consulDetails.safeParse(details).data : undefined;
}

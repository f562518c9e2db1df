import { z } from 'zod';
import type { CatalogDelta } from '../domain/catalog.ts';
import { MAX_SELF_PRESERVATION_MS, type SelfPreservation } from '../domain/self-preservation.ts';
import type { InstanceKey } from '../domain/instance.ts';
import { CHANGE_KINDS, type ChangeLogEntry } from '../domain/change-log.ts';
import type { WriteResult } from '../domain/registrations.service.ts';
import { deserializeInstance } from './instance-serialization.ts';
import type { ExpirationResult } from './expiration.ts';

const writeResultSchema = z.union([
  z
    .tuple([z.enum(['done', 'renewed', 'none', 'superseded', 'full'])])
    .transform(([kind]): WriteResult => ({ kind })),
  z
    .tuple([z.literal('several'), z.array(z.string())])
    .transform(([kind, instanceIds]): WriteResult => ({ kind, instanceIds: instanceIds.sort() })),
]);

const RENEWED: WriteResult = { kind: 'renewed' };

/** Parses the reply of a script that writes. */
export function parseWriteResult(reply: unknown): WriteResult {
  // Heartbeats, thousands a second, skip the schema.
  return Array.isArray(reply) && reply[0] === 'renewed' ? RENEWED : writeResultSchema.parse(reply);
}

const selfPreservationSchema = z
  .tuple([z.string(), z.string(), z.coerce.number(), z.coerce.number()])
  .transform(([active, since, expected, silent]): SelfPreservation => {
    const counts = { expected, renewed: expected - silent };
    if (active !== '1') return { active: false, ...counts };
    return { active: true, since: Number(since), until: Number(since) + MAX_SELF_PRESERVATION_MS, ...counts };
  });

export const expirationResultSchema = z
  .tuple([
    z.enum(['other', 'held', 'guarded', 'swept']),
    selfPreservationSchema,
    z.enum(['', 'began', 'ended']),
    z.array(z.string()),
    z.array(z.string()),
  ])
  .transform(
    ([kind, selfPreservation, selfPreservationChange, expiredInstances, lateChecks]): ExpirationResult => ({
      kind,
      selfPreservation,
      ...(selfPreservationChange === '' ? {} : { selfPreservationChange }),
      expiredInstances,
      lateChecks,
    }),
  );

const changedInstanceSchema = z
  .tuple([z.string(), z.string(), z.coerce.number(), z.string()])
  .transform(([service, id, index, value]) => deserializeInstance(service, id, index, value));

export const deltaSchema = z
  .tuple([
    z.string(),
    z.coerce.number(),
    z.coerce.number(),
    z.number(),
    selfPreservationSchema,
    z.array(z.string()),
    z.array(changedInstanceSchema),
    z.array(z.string()),
  ])
  .transform(
    ([
      epoch,
      index,
      lastServiceRemovalIndex,
      isFull,
      selfPreservation,
      services,
      changed,
      removed,
    ]): CatalogDelta & { selfPreservation: SelfPreservation } => ({
      epoch,
      index,
      lastServiceRemovalIndex,
      isFull: isFull === 1,
      selfPreservation,
      services: new Map(toPairs(services).map(([service, index]) => [service, Number(index)])),
      changed: changed.filter((instance) => instance !== undefined),
      removed: removed.map(parseInstanceKey),
    }),
  );

function parseInstanceKey(member: string): InstanceKey {
  const slash = member.indexOf('/');
  return { service: member.slice(0, slash), instanceId: member.slice(slash + 1) };
}

const changeLogEntrySchema = z.object({
  at: z.number(),
  index: z.number(),
  kind: z.enum(CHANGE_KINDS),
  service: z.string(),
  instanceId: z.string(),
  from: z.string().exactOptional(),
  to: z.string().exactOptional(),
  reason: z.string().exactOptional(),
});

export const changeLogSchema = z.array(
  z.string().transform((text): ChangeLogEntry => changeLogEntrySchema.parse(JSON.parse(text))),
);

/** Turns Redis' flat lists into pairs: [a, 1, b, 2] into [[a, 1], [b, 2]]. */
export function toPairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']);
}

import { z } from 'zod';
import type { Delta } from '../domain/catalogue.ts';
import { MOST_GUARDED_MS, type Guard } from '../domain/guard.ts';
import type { InstanceKey } from '../domain/instance.ts';
import { CHANGE_KINDS, type RecentChange } from '../domain/recent-change.ts';
import type { Outcome } from '../domain/registrations.service.ts';
import { instanceFrom } from './instance.record.ts';
import type { Swept } from './instance.store.ts';

const outcomes = z.union([
  z
    .tuple([z.enum(['done', 'renewed', 'none', 'superseded', 'full'])])
    .transform(([kind]): Outcome => ({ kind })),
  z
    .tuple([z.literal('several'), z.array(z.string())])
    .transform(([kind, instanceIds]): Outcome => ({ kind, instanceIds: instanceIds.sort() })),
]);

const RENEWED: Outcome = { kind: 'renewed' };

/** What a script that writes answers. */
export function outcome(reply: unknown): Outcome {
  // A heartbeat's answer, thousands of times a second, needs no schema.
  return Array.isArray(reply) && reply[0] === 'renewed' ? RENEWED : outcomes.parse(reply);
}

const guard = z
  .tuple([z.string(), z.string(), z.coerce.number(), z.coerce.number()])
  .transform(([active, since, expected, silent]): Guard => {
    const counts = { expected, renewed: expected - silent };
    if (active !== '1') return { active: false, ...counts };
    return { active: true, since: Number(since), until: Number(since) + MOST_GUARDED_MS, ...counts };
  });

export const swept = z
  .tuple([
    z.enum(['other', 'held', 'guarded', 'swept']),
    guard,
    z.enum(['', 'began', 'ended']),
    z.array(z.string()),
    z.array(z.string()),
  ])
  .transform(([kind, guard, turned, members, late]): Swept => ({
    kind,
    guard,
    ...(turned === '' ? {} : { turned }),
    members,
    late,
  }));

const changed = z
  .tuple([z.string(), z.string(), z.coerce.number(), z.string()])
  .transform(([service, id, index, value]) => instanceFrom(service, id, index, value));

export const delta = z
  .tuple([
    z.string(),
    z.coerce.number(),
    z.coerce.number(),
    z.number(),
    guard,
    z.array(z.string()),
    z.array(changed),
    z.array(z.string()),
  ])
  .transform(
    ([epoch, index, extinction, whole, guard, services, changed, removed]): Delta & { guard: Guard } => ({
      epoch,
      index,
      extinction,
      whole: whole === 1,
      guard,
      services: new Map(pairs(services).map(([service, index]) => [service, Number(index)])),
      changed: changed.filter((instance) => instance !== undefined),
      removed: removed.map(keyOf),
    }),
  );

function keyOf(member: string): InstanceKey {
  const slash = member.indexOf('/');
  return { service: member.slice(0, slash), instanceId: member.slice(slash + 1) };
}

const change = z.object({
  at: z.number(),
  index: z.number(),
  kind: z.enum(CHANGE_KINDS),
  service: z.string(),
  instanceId: z.string(),
  from: z.string().exactOptional(),
  to: z.string().exactOptional(),
  reason: z.string().exactOptional(),
});

export const changes = z.array(z.string().transform((text): RecentChange => change.parse(JSON.parse(text))));

/** What Redis flattens: [a, 1, b, 2] as [[a, 1], [b, 2]]. */
export function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']);
}

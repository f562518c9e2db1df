import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Catalogue, Delta, ServiceEntry } from '../domain/catalogue.ts';
import type { InstanceStore, Outcome } from '../domain/registrations.service.ts';
import { defineScripts } from './instance.commands.ts';
import { declarationText, instanceFrom } from './instance.record.ts';
import { LEASES, META } from './instance.scripts.ts';

export type Swept =
  { readonly kind: 'other' | 'held' } | { readonly kind: 'swept'; readonly members: readonly string[] };

export interface SweepTerms {
  /** Who sweeps; for `leaseMs` nobody else does. */
  readonly owner: string;
  readonly leaseMs: number;
  /** After a pause of this many milliseconds in all sweeping, everybody gets `holdMs` to renew. */
  readonly gapMs: number;
  readonly holdMs: number;
}

export interface RedisInstanceStore extends InstanceStore {
  /** What changed since a catalogue was read; everything where that is of another epoch. */
  changesSince(catalogue: Pick<Catalogue, 'epoch' | 'index'>): Promise<Delta>;
  /** Removes at most 100 whose lease has ended. */
  sweep(terms: SweepTerms): Promise<Swept>;
}

export interface StoreOptions {
  readonly redis: Redis;
  readonly mostInstances: number;
  /** Milliseconds since 1970. Default: Redis' own clock, which is the same for all replicas. */
  readonly now?: (() => number) | undefined;
}

const BATCH = 100;

/** Keeps instances in Redis. Rejects with ioredis' errors while that is away. */
export function createInstanceStore({ redis, mostInstances, now }: StoreOptions): RedisInstanceStore {
  defineScripts(redis);
  const clock = () => String(now?.() ?? '');
  return {
    upsert: async ({ declaration, state, ttlMs, incarnation = '' }) => {
      const { service, instanceId } = declaration;
      const text = declarationText(declaration);
      return outcome.parse(
        await redis.registryUpsert(
          META,
          clock(),
          service,
          instanceId,
          state,
          ttlMs,
          incarnation,
          text,
          mostInstances,
        ),
      );
    },
    renew: async ({ service, instanceId = '', url = '', incarnation = '' }, state) =>
      outcome.parse(
        await redis.registryRenew(META, clock(), service, instanceId, url, incarnation, state ?? ''),
      ),
    remove: async ({ service, instanceId = '', url = '', incarnation = '' }) =>
      outcome.parse(await redis.registryRemove(META, service, instanceId, url, incarnation)),
    leaseEnds: async () => {
      const flat = await redis.zrange(LEASES, 0, '-1', 'WITHSCORES');
      return new Map(pairs(flat).map(([member, end]) => [member, Number(end)]));
    },
    changesSince: async ({ epoch, index }) =>
      delta.parse(await redis.registryChangesSince(META, clock(), epoch, index)),
    sweep: async ({ owner, leaseMs, gapMs, holdMs }) =>
      swept.parse(await redis.registrySweep(META, clock(), owner, leaseMs, gapMs, holdMs, BATCH)),
  };
}

const outcome = z.union([
  z.tuple([z.enum(['done', 'none', 'superseded', 'full'])]).transform(([kind]): Outcome => ({ kind })),
  z
    .tuple([z.literal('several'), z.array(z.string())])
    .transform(([kind, instanceIds]): Outcome => ({ kind, instanceIds: instanceIds.sort() })),
]);

const swept = z.union([
  z.tuple([z.enum(['other', 'held'])]).transform(([kind]): Swept => ({ kind })),
  z
    .tuple([z.literal('swept'), z.array(z.string())])
    .transform(([kind, members]): Swept => ({ kind, members })),
]);

const serviceEntry = z
  .tuple([z.string(), z.coerce.number(), z.array(z.string())])
  .transform(([service, index, hash]): [string, ServiceEntry] => {
    const instances = pairs(hash).flatMap(([id, value]) => instanceFrom(service, id, value) ?? []);
    return [
      service,
      { index, instances: instances.sort((one, other) => (one.instanceId < other.instanceId ? -1 : 1)) },
    ];
  });

const delta = z
  .tuple([
    z.string(),
    z.coerce.number(),
    z.coerce.number(),
    z.number(),
    z.array(z.string()),
    z.array(serviceEntry),
  ])
  .transform(([epoch, index, extinction, namesFollow, names, services]): Delta => ({
    epoch,
    index,
    extinction,
    changed: new Map(services),
    ...(namesFollow === 1 ? { names: new Set(names) } : {}),
  }));

/** What Redis flattens: [a, 1, b, 2] as [[a, 1], [b, 2]]. */
function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']);
}

import type { Redis } from 'ioredis';
import type { Catalog, CatalogDelta } from '../domain/catalog.ts';
import {
  MIN_MISSING_RENEWALS,
  MAX_SELF_PRESERVATION_MS,
  MAX_MISSING_RENEWALS_SHARE,
  type SelfPreservation,
} from '../domain/self-preservation.ts';
import { instanceIdFromUrl, MAX_DEFINITION_LENGTH } from '../domain/instance.ts';
import type { InstanceStore, InstanceRef } from '../domain/registrations.service.ts';
import type { LastHeartbeatLookup } from '../domain/liveness.ts';
import type { ExpirationOptions, ExpirationResult } from './expiration.ts';
import { serializeChecks, definitionPrefix, serializeDefinition } from './instance-serialization.ts';
import {
  changeLogSchema,
  deltaSchema,
  parseWriteResult,
  expirationResultSchema,
} from './redis-reply-parsers.ts';
import { defineScripts } from './scripts/redis-commands.ts';
import { LOG, META, OBSERVED, OVERDUE } from './scripts/redis-keys.ts';
import { parseLastHeartbeats, parseObservations } from './liveness-serialization.ts';

export interface RedisInstanceStore extends InstanceStore {
  /** The changes since a catalog was read; the whole catalog if its epoch is another. */
  changesSince(
    catalog: Pick<Catalog, 'epoch' | 'index'>,
  ): Promise<CatalogDelta & { readonly selfPreservation: SelfPreservation }>;
  /** Removes at most 100 instances whose lease has ended, unless self-preservation is active. */
  expire(options: ExpirationOptions): Promise<ExpirationResult>;
}

export interface InstanceStoreOptions {
  readonly redis: Redis;
  readonly maxInstances: number;
  /** Milliseconds since 1970. Default: the clock of Redis, which is the same for all replicas. */
  readonly now?: (() => number) | undefined;
}

const EXPIRATION_BATCH_SIZE = 100;
const MAX_OUTPUT_LENGTH = 1_024;

/** Stores instances in Redis. Rejects with ioredis' errors while Redis is away. */
export function createInstanceStore({ redis, maxInstances, now }: InstanceStoreOptions): RedisInstanceStore {
  defineScripts(redis);
  const clock = () => String(now?.() ?? '');

  async function lastHeartbeats(): Promise<LastHeartbeatLookup> {
    const [overdue, pause] = await Promise.all([
      redis.zrange(OVERDUE, 0, '-1', 'WITHSCORES'),
      redis.hmget(META, 'resumedAt', 'gap'),
    ]);
    return parseLastHeartbeats(overdue, pause);
  }

  return {
    upsert: async ({ definition, state, ttlMs = 0, incarnation = '' }) => {
      const { service, instanceId } = definition;
      const [checks, text] = [serializeChecks(definition), serializeDefinition(definition)];
      if (checks.length + text.length > MAX_DEFINITION_LENGTH) return { kind: 'long' };
      return parseWriteResult(
        await redis.registryUpsert(
          META,
          clock(),
          service,
          instanceId,
          state,
          ttlMs,
          incarnation,
          checks,
          text,
          maxInstances,
        ),
      );
    },
    renew: async (ref, state) =>
      parseWriteResult(await redis.registryRenew(META, clock(), ...toRefArguments(ref), state ?? '')),
    remove: async (ref) =>
      parseWriteResult(await redis.registryRemove(META, clock(), ...toRefArguments(ref))),
    report: async ({ kind, checkId, instance, incarnation = '', status, observation }) => {
      const truncated = { ...observation, output: observation.output.slice(0, MAX_OUTPUT_LENGTH) };
      return parseWriteResult(
        await redis.registryReportCheck(
          META,
          clock(),
          kind,
          checkId,
          instance?.service ?? '',
          instance?.instanceId ?? '',
          incarnation,
          status,
          truncated.output,
          JSON.stringify(truncated),
        ),
      );
    },
    override: async (ref, override) =>
      parseWriteResult(
        await redis.registryOverride(
          META,
          clock(),
          ...toRefArguments(ref),
          override?.state ?? '',
          override?.reason ?? '',
          override?.label ?? '',
        ),
      ),
    lastHeartbeats,
    liveness: async () => {
      const [lastHeartbeat, observed] = await Promise.all([lastHeartbeats(), redis.hgetall(OBSERVED)]);
      return { lastHeartbeat, lastObservation: parseObservations(observed) };
    },
    changeLog: async (limit) => changeLogSchema.parse(await redis.lrange(LOG, 0, limit - 1)),
    changesSince: async ({ epoch, index }) =>
      deltaSchema.parse(await redis.registryChangesSince(META, clock(), epoch, index)),
    expire: async ({ owner, leaseMs, outageThresholdMs, gracePeriodMs }) =>
      expirationResultSchema.parse(
        await redis.registryExpire(
          META,
          clock(),
          owner,
          leaseMs,
          outageThresholdMs,
          gracePeriodMs,
          EXPIRATION_BATCH_SIZE,
          MIN_MISSING_RENEWALS,
          MAX_MISSING_RENEWALS_SHARE,
          MAX_SELF_PRESERVATION_MS,
        ),
      ),
  };
}

function toRefArguments({ service, instanceId = '', url, incarnation }: InstanceRef) {
  const [prefix, guess] = url === undefined ? ['', ''] : [definitionPrefix(url), instanceIdFromUrl(url)];
  return [service, instanceId, prefix, guess, incarnation ?? ''] as const;
}

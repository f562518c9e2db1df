import type { Healthchecks, TargetEntity, UpstreamEntity } from './entities.ts';
import { entityId, targetId } from './entity-id.ts';
import type { KongHealthchecks } from '../schema/healthchecks.ts';
import type { KongTarget } from '../schema/target.ts';
import { hashFieldValue, type KongUpstream } from '../schema/upstream.ts';

/** @param topLevelTargets the file's top-level targets of this upstream. */
export function buildUpstream(
  upstream: KongUpstream,
  topLevelTargets: readonly KongTarget[],
): UpstreamEntity {
  return {
    id: entityId('upstream', upstream.name, upstream.id),
    name: upstream.name,
    algorithm: upstream.algorithm,
    hashOn: upstream.hash_on,
    hashOnName: hashFieldValue(upstream, 'hash_on'),
    hashOnCookiePath: upstream.hash_on_cookie_path,
    hashFallback: upstream.hash_fallback,
    hashFallbackName: hashFieldValue(upstream, 'hash_fallback'),
    hostHeader: upstream.host_header,
    targets: [...upstream.targets, ...topLevelTargets].map((target) => buildTarget(target, upstream.name)),
    healthchecks: buildHealthchecks(upstream.healthchecks),
    concurrency: upstream.concurrency,
    tags: new Set(upstream.tags),
  };
}

const buildTarget = ({ id, target, weight, tags }: KongTarget, upstream: string): TargetEntity => ({
  id: targetId(upstream, target, id),
  target,
  weight,
  tags: new Set(tags),
});

const MS = 1_000;

function buildHealthchecks({ threshold = 0, active, passive }: Partial<KongHealthchecks> = {}): Healthchecks {
  return {
    threshold,
    active: active && {
      type: active.type,
      httpPath: active.http_path,
      headers: new Map(Object.entries(active.headers).map(([name, values]) => [name.toLowerCase(), values])),
      timeoutMs: active.timeout * MS,
      concurrency: active.concurrency,
      healthy: { ...toHealthyThresholds(active.healthy), intervalMs: active.healthy.interval * MS },
      unhealthy: { ...toUnhealthyThresholds(active.unhealthy), intervalMs: active.unhealthy.interval * MS },
    },
    passive: passive && {
      type: passive.type,
      healthy: toHealthyThresholds(passive.healthy),
      unhealthy: toUnhealthyThresholds(passive.unhealthy),
    },
  };
}

type KongPassive = NonNullable<KongHealthchecks['passive']>;

const toHealthyThresholds = ({ http_statuses, successes }: KongPassive['healthy']) => ({
  httpStatuses: new Set(http_statuses),
  successes,
});

const toUnhealthyThresholds = (unhealthy: KongPassive['unhealthy']) => ({
  httpStatuses: new Set(unhealthy.http_statuses),
  httpFailures: unhealthy.http_failures,
  tcpFailures: unhealthy.tcp_failures,
  timeouts: unhealthy.timeouts,
});

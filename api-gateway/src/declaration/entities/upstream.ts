import type { Healthchecks, Target, Upstream } from '../declaration.ts';
import { entityId, targetId } from '../entity-id.ts';
import type { KongHealthchecks } from '../format/healthchecks.ts';
import type { KongTarget } from '../format/target.ts';
import { nameIn, type KongUpstream } from '../format/upstream.ts';

/** @param apart targets that stand beside the upstreams and name this one. */
export function upstreamOf(upstream: KongUpstream, apart: readonly KongTarget[]): Upstream {
  return {
    id: entityId('upstream', upstream.name, upstream.id),
    name: upstream.name,
    algorithm: upstream.algorithm,
    hashOn: upstream.hash_on,
    hashOnName: nameIn(upstream, 'hash_on'),
    hashOnCookiePath: upstream.hash_on_cookie_path,
    hashFallback: upstream.hash_fallback,
    hashFallbackName: nameIn(upstream, 'hash_fallback'),
    hostHeader: upstream.host_header,
    targets: [...upstream.targets, ...apart].map((target) => targetEntity(target, upstream.name)),
    healthchecks: healthchecksOf(upstream.healthchecks),
    concurrency: upstream.concurrency,
    tags: new Set(upstream.tags),
  };
}

const targetEntity = ({ id, target, weight, tags }: KongTarget, upstream: string): Target => ({
  id: targetId(upstream, target, id),
  target,
  weight,
  tags: new Set(tags),
});

const MS = 1_000;

function healthchecksOf({ threshold = 0, active, passive }: Partial<KongHealthchecks> = {}): Healthchecks {
  return {
    threshold,
    active: active && {
      type: active.type,
      httpPath: active.http_path,
      headers: new Map(Object.entries(active.headers).map(([name, values]) => [name.toLowerCase(), values])),
      timeoutMs: active.timeout * MS,
      concurrency: active.concurrency,
      healthy: { ...healthyOf(active.healthy), intervalMs: active.healthy.interval * MS },
      unhealthy: { ...unhealthyOf(active.unhealthy), intervalMs: active.unhealthy.interval * MS },
    },
    passive: passive && {
      type: passive.type,
      healthy: healthyOf(passive.healthy),
      unhealthy: unhealthyOf(passive.unhealthy),
    },
  };
}

type KongPassive = NonNullable<KongHealthchecks['passive']>;

const healthyOf = ({ http_statuses, successes }: KongPassive['healthy']) => ({
  httpStatuses: new Set(http_statuses),
  successes,
});

const unhealthyOf = (unhealthy: KongPassive['unhealthy']) => ({
  httpStatuses: new Set(unhealthy.http_statuses),
  httpFailures: unhealthy.http_failures,
  tcpFailures: unhealthy.tcp_failures,
  timeouts: unhealthy.timeouts,
});

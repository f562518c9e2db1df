import type { TargetEntity, UpstreamEntity } from '../../kong-config/model/entities.ts';
import { targetId } from '../../kong-config/model/entity-id.ts';
import type { EndpointHealth } from '../../balancer/upstream.ts';
import { serializeTarget, type SerializerContext } from './serializers.ts';

/** Kong's response: each target with its health; here also its instances. */
export function serializeUpstreamHealth(
  upstream: UpstreamEntity,
  endpoints: readonly EndpointHealth[],
  context: SerializerContext,
) {
  const targets =
    upstream.targets.length > 0
      ? upstream.targets
      : endpoints.map((endpoint) => toImplicitTarget(upstream, endpoint));
  const data = targets.map((target) => {
    const own = endpoints.filter(
      ({ endpoint }) => endpoint.target === target.target || new URL(endpoint.url).host === target.target,
    );
    return {
      ...serializeTarget(target, upstream, context),
      health: bestHealth(own),
      data: { addresses: own.map(serializeEndpoint) },
    };
  });
  return { data, total: data.length, next: null };
}

/** An instance of an upstream without targets. */
function toImplicitTarget({ name }: UpstreamEntity, { endpoint }: EndpointHealth): TargetEntity {
  const target = new URL(endpoint.url).host;
  return { id: targetId(name, target), target, weight: endpoint.weight, tags: new Set() };
}

function serializeEndpoint({ endpoint, health }: EndpointHealth) {
  const { hostname, port } = new URL(endpoint.url);
  return {
    ip: hostname,
    port: Number(port),
    health,
    weight: endpoint.weight,
    instance: endpoint.instanceId,
    version: endpoint.version,
  };
}

/** A target has the health of its best instance. */
function bestHealth(endpoints: readonly EndpointHealth[]): string {
  const found = new Set(endpoints.map(({ health }) => health));
  return (
    (['HEALTHY', 'HEALTHCHECKS_OFF', 'UNHEALTHY'] as const).find((health) => found.has(health)) ?? 'DNS_ERROR'
  );
}

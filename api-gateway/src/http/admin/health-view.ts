import type { Target, Upstream } from '../../declaration/declaration.ts';
import { targetId } from '../../declaration/entity-id.ts';
import type { PeerHealth } from '../../upstream/upstream.ts';
import { targetView, type ViewContext } from './views.ts';

/** Kong's answer: each target and how it is; here with the instances that it stands for. */
export function healthView(upstream: Upstream, peers: readonly PeerHealth[], context: ViewContext) {
  const targets =
    upstream.targets.length > 0 ? upstream.targets : peers.map((peer) => targetAt(upstream, peer));
  const data = targets.map((target) => {
    const own = peers.filter(
      ({ peer }) => peer.target === target.target || new URL(peer.url).host === target.target,
    );
    return {
      ...targetView(target, upstream, context),
      health: together(own),
      data: { addresses: own.map(addressView) },
    };
  });
  return { data, total: data.length, next: null };
}

/** An instance of an upstream that has no targets of its own. */
function targetAt({ name }: Upstream, { peer }: PeerHealth): Target {
  const target = new URL(peer.url).host;
  return { id: targetId(name, target), target, weight: peer.weight, tags: new Set() };
}

function addressView({ peer, health }: PeerHealth) {
  const { hostname, port } = new URL(peer.url);
  return {
    ip: hostname,
    port: Number(port),
    health,
    weight: peer.weight,
    instance: peer.instanceId,
    version: peer.version,
  };
}

/** A target is as well as the best of those behind it. */
function together(peers: readonly PeerHealth[]): string {
  const found = new Set(peers.map(({ health }) => health));
  return (
    (['HEALTHY', 'HEALTHCHECKS_OFF', 'UNHEALTHY'] as const).find((health) => found.has(health)) ?? 'DNS_ERROR'
  );
}

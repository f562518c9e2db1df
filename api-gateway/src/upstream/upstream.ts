import type { Ejection, Failure } from '@plaza/discovery';
import type { Breaker, Bulkhead, RetryBudget } from '@plaza/resilience';
import type { ActiveChecks } from './active-checks.ts';
import type { KeyOf } from './hash-key.ts';
import type { Membership } from './membership.ts';
import type { Peer } from './peer.ts';
import { isNoAnswer } from './passive-checks.ts';
import type { Rotation } from './rotation.ts';
import type { Traffic } from './traffic.ts';

/** Kong's words for how a target is. */
export type Health = 'HEALTHY' | 'UNHEALTHY' | 'DNS_ERROR' | 'HEALTHCHECKS_OFF';

export interface PeerHealth {
  readonly peer: Peer;
  readonly health: Health;
}

/** All that answer for one name: who they are, whose turn it is, and how they are. Reads from memory. */
export interface Upstream {
  readonly name: string;
  /** The Host that its targets see; undefined for their own. */
  readonly hostHeader: string | undefined;
  /** The cookie that keeps a client with its instance, where there is one. */
  readonly stickyCookie: { readonly name: string; readonly path: string } | undefined;
  /** For the service as a whole: settled at the headers of its answers. */
  readonly breaker: Breaker;
  /** For the service as a whole: held until the last byte. */
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  readonly traffic: Traffic;
  /** What of a request decides who gets it, if anything does. */
  readonly keyOf: KeyOf | undefined;
  /**
   * Whose turn it is, among those neither draining, ejected nor failing their checks; undefined where nobody is.
   * @param except who was tried already.
   */
  pick(key?: string, except?: Peer): Peer | undefined;
  /** A call to this instance begins; one of the next three says how it went. */
  began(peer: Peer): void;
  answered(peer: Peer, status: number): void;
  failed(peer: Peer, failure: Failure, cause?: unknown): void;
  /** It ended without saying anything about the instance. */
  abandoned(peer: Peer): void;
  /** Whether all that get traffic have failed since anybody answered: it is not one of them, but the service. */
  isOut(): boolean;
  /** Gives a target its share of the traffic, until the configuration is replaced. False where it has no such target. */
  setWeight(target: string, weight: number): boolean;
  health(): readonly PeerHealth[];
}

/** What an upstream is made of. */
export interface UpstreamParts extends Pick<
  Upstream,
  'name' | 'hostHeader' | 'stickyCookie' | 'breaker' | 'bulkhead' | 'budget' | 'traffic' | 'keyOf'
> {
  readonly membership: Membership;
  readonly rotation: Rotation;
  readonly ejection: Ejection<Peer>;
  readonly checks: ActiveChecks | undefined;
  /** Names of targets. */
  readonly targets: ReadonlySet<string>;
  /** Whether a status speaks against the instance (false), for it (true), or neither. */
  readonly verdict: (status: number) => boolean | undefined;
  /** Percent of its weight that must be healthy, or nobody is asked. */
  readonly threshold: number;
  /** Neither passive nor active checks. */
  readonly unchecked: boolean;
}

export function createUpstream(parts: UpstreamParts): Upstream {
  const { membership, rotation, ejection, checks, targets, verdict, threshold, unchecked } = parts;
  const unresolved = new Set<Peer>();
  /** Since anybody last answered. */
  const failing = new Set<Peer>();
  let members: readonly Peer[] = [];

  function candidates(): readonly Peer[] {
    const peers = membership.peers();
    if (peers !== members) {
      if (peers.some((peer) => !members.includes(peer))) parts.breaker.reset();
      members = peers;
      ejection.retain(peers);
      unresolved.clear();
      failing.clear();
    }
    return ejection.available(checks?.passing(peers) ?? peers);
  }

  function healthOf(peer: Peer): Health {
    if (unresolved.has(peer)) return 'DNS_ERROR';
    if (unchecked) return 'HEALTHCHECKS_OFF';
    return ejection.state(peer) === 'OPEN' || checks?.isFailing(peer) === true ? 'UNHEALTHY' : 'HEALTHY';
  }

  /** Kong's: below its threshold an upstream is unhealthy as a whole. */
  function healthyEnough(): boolean {
    if (threshold === 0) return true;
    const healthy = members.filter((peer) => healthOf(peer) === 'HEALTHY');
    return 100 * weightOf(healthy) >= threshold * weightOf(members);
  }

  return {
    ...parts,
    pick: (key, except) => {
      const available = candidates();
      if (!healthyEnough()) return undefined;
      const others = except === undefined ? available : available.filter((peer) => peer !== except);
      return rotation.pick(others, key);
    },
    began: (peer) => {
      peer.underWay += 1;
      ejection.began(peer);
    },
    answered: (peer, status) => {
      unresolved.delete(peer);
      if (isNoAnswer(status)) failing.add(peer);
      else if (failing.size > 0) failing.clear();
      const well = verdict(status);
      if (well === true) ejection.succeeded(peer);
      else if (well === false) ejection.failed(peer, 'error');
      else ejection.abandoned(peer);
    },
    failed: (peer, failure, cause) => {
      if (isUnresolved(cause)) unresolved.add(peer);
      failing.add(peer);
      ejection.failed(peer, failure);
    },
    abandoned: (peer) => ejection.abandoned(peer),
    isOut: () => candidates().every((peer) => failing.has(peer) || !rotation.serves(peer)),
    setWeight: (target, weight) => {
      if (targets.has(target)) rotation.setWeight(target, weight);
      return targets.has(target);
    },
    health: () => membership.peers().map((peer) => ({ peer, health: healthOf(peer) })),
  };
}

function weightOf(peers: readonly Peer[]): number {
  return peers.reduce((sum, { weight }) => sum + weight, 0);
}

function isUnresolved(cause: unknown): boolean {
  if (!Error.isError(cause) || !('code' in cause)) return false;
  return cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN';
}

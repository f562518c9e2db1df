import {
  consistentHash,
  leastRequests,
  smoothWeighted,
  type Balancer,
  type Candidate,
} from '@plaza/discovery';
import type { Algorithm } from '../declaration/declaration.ts';
import type { Peer } from './peer.ts';

/** A target's part of the traffic, and who of it is there. */
interface Share extends Candidate {
  weight: number;
  peers: Peer[];
  readonly among: Balancer<Peer>;
}

/**
 * Whose turn it is. Targets share the traffic by their weights, however many instances each has; then it is
 * between the instances of the target. Both go by the algorithm.
 */
export interface Rotation {
  /** @param key what the choice is to depend on, where the algorithm is consistent hashing. */
  pick(available: readonly Peer[], key: string | undefined): Peer | undefined;
  /** Whether a peer is given any of the traffic. */
  serves(peer: Peer): boolean;
  /** 0 for none of the traffic. */
  setWeight(target: string, weight: number): void;
}

/** @param weights of targets; who belongs to none of them counts as one target. */
export function createRotation(algorithm: Algorithm, weights: ReadonlyMap<string, number>): Rotation {
  const current = new Map(weights);
  const shares = new Map<string, Share>();
  const between: Balancer<Share> =
    algorithm === 'least-connections'
      ? leastRequests<Share>({
          active: ({ peers }) => peers.reduce((sum, { underWay }) => sum + underWay, 0),
        })
      : balancer(algorithm);
  let grouped: readonly Peer[] | undefined;
  let present: readonly Share[] = [];

  function shareOf(target: string): Share {
    const known = shares.get(target);
    if (known !== undefined) return known;
    const weight = current.get(target) ?? 1;
    const among: Balancer<Peer> =
      algorithm === 'least-connections'
        ? leastRequests<Peer>({ active: ({ underWay }) => underWay })
        : balancer(algorithm);
    const share = { instanceId: target, weight, peers: [], among };
    shares.set(target, share);
    return share;
  }

  function group(available: readonly Peer[]): readonly Share[] {
    for (const share of shares.values()) share.peers = [];
    for (const peer of available) shareOf(peer.target).peers.push(peer);
    return [...shares.values()].filter(({ peers }) => peers.length > 0);
  }

  return {
    pick: (available, key) => {
      if (available !== grouped) present = group(available);
      grouped = available;
      const share = present.length === 1 ? only(present) : between.pick(present, key);
      return share?.among.pick(share.peers, key);
    },
    serves: ({ target, weight }) => weight > 0 && (current.get(target) ?? 1) > 0,
    setWeight: (target, weight) => {
      current.set(target, weight);
      shareOf(target).weight = weight;
    },
  };
}

function balancer(algorithm: Exclude<Algorithm, 'least-connections'>): Balancer {
  return algorithm === 'consistent-hashing' ? consistentHash() : smoothWeighted();
}

/** A weight of 0 is none of the traffic, even where nobody else is there to take it. */
function only([share]: readonly Share[]): Share | undefined {
  return share?.weight === 0 ? undefined : share;
}

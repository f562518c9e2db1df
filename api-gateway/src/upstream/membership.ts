import { instanceAt, type Instance, type Snapshot, type Watch } from '@plaza/discovery';
import type { Target } from '../declaration/declaration.ts';
import { originOf } from './origin.ts';
import type { Peer } from './peer.ts';
import { matches, selectorOf } from './selector.ts';

/** Who answers for a name. Reads from memory. */
export interface Membership {
  /** The same array until somebody comes or goes. */
  peers(): readonly Peer[];
}

/** The instances that the registry knows under the name. */
export function registered(watch: Watch): Membership {
  return following(watch, (instance, fallback) => peerOf(instance, '', fallback));
}

/** The targets of an upstream: addresses, and those of the registry's instances that a selector names. */
export function targeted(targets: readonly Target[], watch: () => Watch): Membership {
  const selecting = targets
    .flatMap(({ target }) => {
      const selector = selectorOf(target);
      return selector === undefined ? [] : [{ target, selector }];
    })
    .sort((one, other) => other.selector.length - one.selector.length);
  const addresses = targets.filter(({ target }) => selectorOf(target) === undefined);
  const fixed = addresses.flatMap(({ target }) => fixedPeer(`http://${target}`, target));
  if (selecting.length === 0) return { peers: () => fixed };
  const selected = following(watch(), (instance, fallback) => {
    if (fallback) return peerOf(instance, '', true);
    const found = selecting.find(({ selector }) => matches(selector, instance));
    return found === undefined ? [] : peerOf(instance, found.target, false);
  });
  return fixed.length === 0 ? selected : { peers: joined(fixed, selected) };
}

/** One address that is nobody's name. */
export function single(url: string): Membership {
  const peers = fixedPeer(url, '');
  return { peers: () => peers };
}

function following(watch: Watch, peersOf: (instance: Instance, fallback: boolean) => Peer[]): Membership {
  let snapshot: Snapshot | undefined;
  let peers: readonly Peer[] = [];
  return {
    peers: () => {
      const current = watch.current();
      if (current === snapshot) return peers;
      snapshot = current;
      const known = new Map(peers.map((peer) => [peer.instanceId, peer]));
      peers = current.instances
        .flatMap((instance) => peersOf(instance, current.source === 'fallback'))
        .map((peer) => same(known.get(peer.instanceId), peer));
      return peers;
    },
  };
}

/** What was known of an instance stays with it while it is where it was. */
function same(known: Peer | undefined, peer: Peer): Peer {
  const unchanged =
    known?.url === peer.url &&
    known.version === peer.version &&
    known.weight === peer.weight &&
    known.target === peer.target;
  return unchanged ? known : peer;
}

function joined(fixed: readonly Peer[], selected: Membership): () => readonly Peer[] {
  let last: readonly Peer[] | undefined;
  let all = fixed;
  return () => {
    const current = selected.peers();
    if (current !== last) all = [...fixed, ...current];
    last = current;
    return all;
  };
}

/** None of an instance whose URL is none. */
function peerOf({ instanceId, url, weight, version }: Instance, target: string, fallback: boolean): Peer[] {
  const origin = originOf(url);
  if (origin === undefined) return [];
  return [{ instanceId, url, weight, version, origin, target, fallback, underWay: 0 }];
}

function fixedPeer(url: string, target: string): Peer[] {
  const instance = instanceAt('', url);
  return peerOf(instance, target, false);
}

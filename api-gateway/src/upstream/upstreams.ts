import { smoothWeighted, type Candidate, type Snapshot, type Watch } from '@plaza/discovery';
import type { Address } from '../declaration/address.ts';
import type { Origin } from './forwarder.ts';

/** One instance that may be asked. */
export interface Peer extends Candidate {
  /** Without a slash at the end. */
  readonly url: string;
  readonly origin: Origin;
  /** It stands in for a service of which the registry has no instance. */
  readonly fallback: boolean;
}

/** All that answer for one address. Reads from memory. */
export interface Upstream {
  readonly name: string;
  /**
   * Whose turn it is; undefined where there is nobody.
   * @param except who was tried already.
   */
  pick(except?: Peer): Peer | undefined;
}

/** The upstream of an address. */
export type Upstreams = (address: Address) => Upstream;

/**
 * A host without a port is a name in the registry, balanced over its instances; one with a port is itself.
 * @param watch follows a name of the registry.
 */
export function createUpstreams(watch: (name: string) => Watch): Upstreams {
  const known = new Map<string, Upstream>();
  return (address) => {
    const { protocol, host, port } = address;
    const name = port === undefined ? host : `${protocol}//${host}:${port}`;
    const upstream = known.get(name) ?? (port === undefined ? balanced(name, watch(name)) : fixed(name));
    known.set(name, upstream);
    return upstream;
  };
}

function fixed(url: string): Upstream {
  const [peer] = peerOf({ instanceId: url, url, weight: 1 }, false);
  return { name: url, pick: (except) => (except === undefined ? peer : undefined) };
}

function balanced(name: string, watch: Watch): Upstream {
  const balancer = smoothWeighted();
  let snapshot: Snapshot | undefined;
  let peers: readonly Peer[] = [];
  return {
    name,
    pick: (except) => {
      const current = watch.current();
      if (current !== snapshot) {
        snapshot = current;
        peers = current.instances.flatMap((instance) => peerOf(instance, current.source === 'fallback'));
      }
      return balancer.pick(except === undefined ? peers : peers.filter((peer) => peer !== except));
    },
  };
}

/** None of an instance whose URL is none. */
function peerOf({ instanceId, url, weight }: Candidate & { url: string }, fallback: boolean): Peer[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [];
  const secure = parsed.protocol === 'https:';
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port);
  const hostname = parsed.hostname.replaceAll(/^\[|\]$/g, '');
  return [
    { instanceId, url, weight, fallback, origin: { protocol: secure ? 'https:' : 'http:', hostname, port } },
  ];
}

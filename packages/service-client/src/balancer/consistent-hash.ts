import type { Balancer } from './balancer.ts';
import { smoothWeightedRoundRobin } from './round-robin.ts';

/**
 * The same candidate for the same key, in every process. Weighted rendezvous hashing (Thaler and Ravishankar,
 * "Using name-based mappings to increase hit rates", 1998; weights after Schindelhauer and Schomaker, "Weighted
 * distributed hash tables", 2005): each candidate draws a number from the key and its own id, and the highest
 * wins. A removed instance leaves its keys to the others, and a new one takes its share: no other key
 * moves. It needs no table, so it costs nothing that candidates are others each time; a pick takes a time in
 * proportion to their number, 0.1 µs each. Without a key it goes by weight.
 */
export function consistentHash(): Balancer {
  const unkeyed = smoothWeightedRoundRobin();
  return {
    pick: (candidates, key) => {
      if (key === undefined) return unkeyed.pick(candidates);
      const seed = fnv1a(FNV_OFFSET, key);
      let best: (typeof candidates)[number] | undefined;
      let most = 0;
      for (const candidate of candidates) {
        const drawn = candidate.weight / -Math.log(toUnitInterval(fnv1a(seed, candidate.instanceId)));
        if (drawn <= most) continue;
        best = candidate;
        most = drawn;
      }
      return best;
    },
  };
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the text's UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/), going on from a hash. */
function fnv1a(hash: number, text: string): number {
  let mixed = hash;
  for (let index = 0; index < text.length; index += 1)
    mixed = Math.imul(mixed ^ text.charCodeAt(index), FNV_PRIME);
  return mixed;
}

/** Between 0 and 1, without both: MurmurHash3's finalizer, since FNV's last characters move few bits. */
function toUnitInterval(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

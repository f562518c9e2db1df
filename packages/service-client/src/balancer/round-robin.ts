import type { Balancer, WeightedInstance } from './balancer.ts';

/** One after the other, whatever their weights. */
export function roundRobin(): Balancer {
  let next = 0;
  return {
    pick: (candidates) => {
      const chosen = candidates[next % Math.max(1, candidates.length)];
      next = (next + 1) % Number.MAX_SAFE_INTEGER;
      return chosen;
    },
  };
}

/**
 * By weight, and evenly spread: 5, 1, 1 gives a a b a c a a and never five in a row. Nginx's smooth weighted
 * round robin (https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1): each pick adds
 * each instance's weight to its credit and takes the sum of all weights from the one with the most.
 */
export function smoothWeightedRoundRobin(): Balancer {
  let credits = new Map<string, number>();
  return {
    pick: (candidates) => {
      let total = 0;
      let best: (typeof candidates)[number] | undefined;
      let most = 0;
      for (const candidate of candidates) {
        const credit = (credits.get(candidate.instanceId) ?? 0) + candidate.weight;
        credits.set(candidate.instanceId, credit);
        total += candidate.weight;
        if (candidate.weight > 0 && (best === undefined || credit > most)) {
          best = candidate;
          most = credit;
        }
      }
      if (best === undefined) return undefined;
      credits.set(best.instanceId, most - total);
      if (credits.size > 2 * candidates.length) credits = pruneCredits(credits, candidates);
      return best;
    },
  };
}

/** Instances come and go; those that went leave no credit behind. */
function pruneCredits(
  credits: ReadonlyMap<string, number>,
  candidates: readonly WeightedInstance[],
): Map<string, number> {
  return new Map(candidates.map(({ instanceId }) => [instanceId, credits.get(instanceId) ?? 0]));
}

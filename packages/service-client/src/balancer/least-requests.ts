import type { Balancer, WeightedInstance } from './balancer.ts';

export interface LeastRequestsOptions<T extends WeightedInstance> {
  /** How many requests a candidate has under way, as far as this process knows: `OutlierDetector.activeRequests`. */
  readonly activeRequests: (candidate: T) => number;
  /** From 0 to 1, without 1. */
  readonly random?: () => number;
}

/**
 * Two drawn by weight, and of those the one with fewer requests under way for its weight: the power of two
 * choices (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 1996), which follows load
 * almost as well as comparing all, and never sends a herd to the least loaded instance. The second is taken
 * only where the request makes it no busier than the first is already. So while no instance is busy the weights alone
 * decide, and an instance of weight 1 beside one of 9 gets a tenth rather than whatever it finishes quickly.
 */
export function leastRequests<T extends WeightedInstance>(options: LeastRequestsOptions<T>): Balancer<T> {
  const { activeRequests, random = Math.random } = options;
  return {
    pick: (candidates) => {
      const total = sumOfWeights(candidates);
      const first = drawByWeight(candidates, random() * total, undefined);
      if (first === undefined) return undefined;
      const second = drawByWeight(candidates, random() * (total - first.weight), first);
      if (second === undefined) return first;
      return (activeRequests(second) + 1) * first.weight <= activeRequests(first) * second.weight
        ? second
        : first;
    },
  };
}

function sumOfWeights(candidates: readonly WeightedInstance[]): number {
  let total = 0;
  for (const { weight } of candidates) total += weight;
  return total;
}

/** The one within whose share of the line from 0 to the sum of weights the point lies. */
function drawByWeight<T extends WeightedInstance>(
  candidates: readonly T[],
  point: number,
  except: T | undefined,
): T | undefined {
  let left = point;
  let last: T | undefined;
  for (const candidate of candidates) {
    if (candidate === except || candidate.weight === 0) continue;
    last = candidate;
    left -= candidate.weight;
    if (left < 0) return candidate;
  }
  return last;
}

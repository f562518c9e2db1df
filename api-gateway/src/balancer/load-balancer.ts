import {
  consistentHash,
  leastRequests,
  smoothWeightedRoundRobin,
  type Balancer,
  type WeightedInstance,
} from '@plaza/service-client';
import type { BalancingAlgorithm } from '../kong-config/model/entities.ts';
import type { Endpoint } from './endpoint.ts';

/** A target's part of the traffic, and who of it is there. */
interface TargetGroup extends WeightedInstance {
  weight: number;
  endpoints: Endpoint[];
  readonly among: Balancer<Endpoint>;
}

/**
 * Whose turn it is. Targets share the traffic by their weights, however many instances each has; then it is
 * between the instances of the target. Both go by the algorithm.
 */
export interface LoadBalancer {
  /** @param key what the choice is to depend on, where the algorithm is consistent hashing. */
  pick(available: readonly Endpoint[], key: string | undefined): Endpoint | undefined;
  /** Whether an endpoint is given any of the traffic. */
  receivesTraffic(endpoint: Endpoint): boolean;
  /** 0 for none of the traffic. */
  setWeight(target: string, weight: number): void;
}

/** @param weights of targets; who belongs to none of them counts as one target. */
export function createLoadBalancer(
  algorithm: BalancingAlgorithm,
  weights: ReadonlyMap<string, number>,
): LoadBalancer {
  const currentWeights = new Map(weights);
  const groups = new Map<string, TargetGroup>();
  const groupBalancer: Balancer<TargetGroup> =
    algorithm === 'least-connections'
      ? leastRequests<TargetGroup>({
          activeRequests: ({ endpoints }) =>
            endpoints.reduce((sum, { activeRequests }) => sum + activeRequests, 0),
        })
      : createBalancer(algorithm);
  let grouped: readonly Endpoint[] | undefined;
  let activeGroups: readonly TargetGroup[] = [];

  function groupFor(target: string): TargetGroup {
    const known = groups.get(target);
    if (known !== undefined) return known;
    const weight = currentWeights.get(target) ?? 1;
    const among: Balancer<Endpoint> =
      algorithm === 'least-connections'
        ? leastRequests<Endpoint>({ activeRequests: ({ activeRequests }) => activeRequests })
        : createBalancer(algorithm);
    const group = { instanceId: target, weight, endpoints: [], among };
    groups.set(target, group);
    return group;
  }

  function groupByTarget(available: readonly Endpoint[]): readonly TargetGroup[] {
    for (const group of groups.values()) group.endpoints = [];
    for (const endpoint of available) groupFor(endpoint.target).endpoints.push(endpoint);
    return [...groups.values()].filter(({ endpoints }) => endpoints.length > 0);
  }

  return {
    pick: (available, key) => {
      if (available !== grouped) activeGroups = groupByTarget(available);
      grouped = available;
      const group =
        activeGroups.length === 1 ? singleTarget(activeGroups) : groupBalancer.pick(activeGroups, key);
      return group?.among.pick(group.endpoints, key);
    },
    receivesTraffic: ({ target, weight }) => weight > 0 && (currentWeights.get(target) ?? 1) > 0,
    setWeight: (target, weight) => {
      currentWeights.set(target, weight);
      groupFor(target).weight = weight;
    },
  };
}

function createBalancer(algorithm: Exclude<BalancingAlgorithm, 'least-connections'>): Balancer {
  return algorithm === 'consistent-hashing' ? consistentHash() : smoothWeightedRoundRobin();
}

/** A weight of 0 is none of the traffic, even where nobody else is there to take it. */
function singleTarget([group]: readonly TargetGroup[]): TargetGroup | undefined {
  return group?.weight === 0 ? undefined : group;
}

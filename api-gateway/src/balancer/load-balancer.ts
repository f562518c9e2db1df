import {
  consistentHash,
  leastRequests,
  smoothWeightedRoundRobin,
  type Balancer,
  type WeightedInstance,
} from '@plaza/service-client';
import type { BalancingAlgorithm } from '../kong-config/model/entities.ts';
import type { Endpoint } from './endpoint.ts';

/** A target's weight and its available endpoints. */
interface TargetGroup extends WeightedInstance {
  weight: number;
  endpoints: Endpoint[];
  readonly among: Balancer<Endpoint>;
}

/**
 * Chooses an endpoint. Targets share the traffic by weight, however many instances each has; the instances of
 * the chosen target then share it. Both steps use the algorithm of the upstream.
 */
export interface LoadBalancer {
  /** @param key the hash key, for consistent hashing. */
  pick(available: readonly Endpoint[], key: string | undefined): Endpoint | undefined;
  /** Whether an endpoint gets any traffic. */
  receivesTraffic(endpoint: Endpoint): boolean;
  /** 0 for no traffic. */
  setWeight(target: string, weight: number): void;
}

/** @param weights by target; endpoints without a target count as one target. */
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

/** A target of weight 0 gets no traffic, even if it is the only one. */
function singleTarget([group]: readonly TargetGroup[]): TargetGroup | undefined {
  return group?.weight === 0 ? undefined : group;
}

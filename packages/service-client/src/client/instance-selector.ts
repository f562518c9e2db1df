import type { ServiceInstance, ServiceWatch } from '@plaza/discovery';
import type { ResilienceMetrics } from '@plaza/resilience';
import type { Balancer } from '../balancer/balancer.ts';
import type { OutlierDetector } from '../outlier-detection/outlier-detection.ts';

export interface InstanceSelectorOptions {
  readonly watch: Pick<ServiceWatch, 'service' | 'current'>;
  readonly outlierDetector: OutlierDetector<ServiceInstance>;
  readonly balancer: Balancer<ServiceInstance>;
  /** Calls under way at one instance at most, where there are others: the bulkhead of an instance. */
  readonly maxPerInstance: number;
  readonly metrics: ResilienceMetrics;
}

/** Picks an instance, except the one that was tried already; undefined where there is none. */
export type InstanceSelector = (exclude?: ServiceInstance) => ServiceInstance | undefined;

export function createInstanceSelector({
  watch,
  outlierDetector,
  balancer,
  maxPerInstance,
  metrics,
}: InstanceSelectorOptions): InstanceSelector {
  function isFull(instance: ServiceInstance): boolean {
    if (outlierDetector.activeRequests(instance) < maxPerInstance) return false;
    metrics.rejected.inc({ name: `${watch.service}/${instance.instanceId}`, reason: 'bulkhead_full' });
    return true;
  }

  /** Panic mode: where all instances are full, a full one; where all are ejected, an ejected one. */
  function selectOther(
    available: readonly ServiceInstance[],
    exclude: ServiceInstance | undefined,
  ): ServiceInstance | undefined {
    const isOther = ({ instanceId }: ServiceInstance) => instanceId !== exclude?.instanceId;
    const others = available.filter(isOther);
    const free = others.filter((instance) => !isFull(instance));
    return (
      balancer.pick(free) ?? balancer.pick(others) ?? balancer.pick(watch.current().instances.filter(isOther))
    );
  }

  return (exclude) => {
    const available = outlierDetector.available(watch.current().instances);
    const chosen = balancer.pick(available);
    if (chosen === undefined) return undefined;
    if (chosen.instanceId === exclude?.instanceId || (available.length > 1 && isFull(chosen)))
      return selectOther(available, exclude);
    return chosen;
  };
}

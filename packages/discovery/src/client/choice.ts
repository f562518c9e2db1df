import type { ResilienceMetrics } from '@plaza/resilience';
import type { Balancer } from '../balancer/balancer.ts';
import type { Ejection } from '../ejection/ejection.ts';
import type { Instance } from '../instance.ts';
import type { Watch } from '../watch.ts';

export interface ChoiceOptions {
  readonly watch: Pick<Watch, 'service' | 'current'>;
  readonly ejection: Ejection<Instance>;
  readonly balancer: Balancer<Instance>;
  /** Calls under way at one instance at most, where there are others: the bulkhead of an instance. */
  readonly mostEach: number;
  readonly metrics: ResilienceMetrics;
}

/** Whose turn it is; undefined where there is nobody. Who was tried already is left out. */
export type Choice = (besides?: Instance) => Instance | undefined;

export function createChoice({ watch, ejection, balancer, mostEach, metrics }: ChoiceOptions): Choice {
  function isFull(instance: Instance): boolean {
    if (ejection.active(instance) < mostEach) return false;
    metrics.rejected.inc({ name: `${watch.service}/${instance.instanceId}`, reason: 'bulkhead_full' });
    return true;
  }

  /** Rather who is full than nobody, and rather who is ejected than nobody. */
  function chooseOther(fit: readonly Instance[], besides: Instance | undefined): Instance | undefined {
    const isOther = ({ instanceId }: Instance) => instanceId !== besides?.instanceId;
    const others = fit.filter(isOther);
    const free = others.filter((instance) => !isFull(instance));
    return (
      balancer.pick(free) ?? balancer.pick(others) ?? balancer.pick(watch.current().instances.filter(isOther))
    );
  }

  return (besides) => {
    const fit = ejection.available(watch.current().instances);
    const chosen = balancer.pick(fit);
    if (chosen === undefined) return undefined;
    if (chosen.instanceId === besides?.instanceId || (fit.length > 1 && isFull(chosen)))
      return chooseOther(fit, besides);
    return chosen;
  };
}
